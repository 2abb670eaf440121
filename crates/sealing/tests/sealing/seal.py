"""Seals an envelope by docs/sealing.md, with the program `age` and without any code of Provoco.

    python3 seal.py COMMITTEE CHALLENGE BIDDER VERSION KIND CONTENT OUT

OUT must not exist. It gets what `provoco seal` writes.
"""

import hashlib, json, os, secrets, subprocess, sys, tempfile

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def checksum(values):
    state = 1
    for value in values:
        top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ value
        for i, term in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
            state ^= term if top >> i & 1 else 0
    return state ^ 1


def key_text(secret, prefix="age-secret-key-"):
    five = lambda number, count: [number >> 5 * i & 31 for i in reversed(range(count))]
    data = five(int.from_bytes(secret, "big") << 4, 52)
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    data += five(checksum(spread + data + [0] * 6), 6)
    return (prefix + "1" + "".join(LETTERS[i] for i in data)).upper()


def times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def split(secret, threshold, holders):
    """The shares of holder 1 and so on: values of random polynomials that have the secret at 0."""
    polynomials = [[secrets.randbelow(256) for _ in range(threshold - 1)] + [byte] for byte in secret]
    for x in range(1, holders + 1):
        share = bytearray()
        for polynomial in polynomials:
            value = 0
            for coefficient in polynomial:
                value = times(value, x) ^ coefficient
            share.append(value)
        yield bytes(share)


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def encrypt(recipient, plaintext):
    return subprocess.run(["age", "-r", recipient], input=plaintext, stdout=subprocess.PIPE, check=True).stdout


def public(key):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(key + "\n")
        file.flush()
        return subprocess.check_output(["age-keygen", "-y", file.name], text=True).strip()


def main(committee, challenge, bidder, version, kind, content, out):
    committee, content = json.load(open(committee)), open(content, "rb").read()
    secret, nonce = secrets.token_bytes(32), secrets.token_bytes(16)
    key = key_text(secret)
    header = (
        f"provoco-content-v1\nchallenge {challenge}\nbidder {bidder}\nversion {version}\nkind {kind}\n"
        f"nonce {nonce.hex()}\nlength {len(content)}\n\n"
    ).encode()
    bucket = next(4096 * 4**i for i in range(8) if 4096 * 4**i >= len(header) + len(content))
    sealed = encrypt(public(key), (header + content).ljust(bucket, b"\0"))
    envelope = os.path.join(out, "envelope")
    os.makedirs(envelope)
    shares = []
    parts = split(secret, committee["threshold"], len(committee["recipients"]))
    for index, (recipient, share) in enumerate(zip(committee["recipients"], parts), 1):
        text = f"provoco-share-v1\nchallenge {challenge}\nnonce {nonce.hex()}\nindex {index:03}\n\n".encode()
        file = encrypt(recipient, text + share)
        commitment = sha256(b"share-commit\0", challenge.encode(), b"\0", nonce, bytes([index]), share)
        shares.append({"index": index, "recipient": sha256(recipient.encode()), "commitment": commitment,
                       "size": len(file), "sha256": sha256(file)})
        open(os.path.join(envelope, f"share-{index:03}.age"), "wb").write(file)
    manifest = {
        "format": "provoco-envelope-v1", "challenge": challenge, "bidder": bidder, "version": int(version), "kind": kind,
        "nonce": nonce.hex(), "threshold": committee["threshold"],
        "key_commitment": sha256(b"key-commit\0", challenge.encode(), secret),
        "content": {"size": len(sealed), "sha256": sha256(sealed)}, "shares": shares,
    }
    open(os.path.join(envelope, "content.age"), "wb").write(sealed)
    open(os.path.join(envelope, "manifest.json"), "w").write(json.dumps(manifest, separators=(",", ":")))
    open(os.path.join(out, "recovery-key.txt"), "w").write(key + "\n")


main(*sys.argv[1:])
