//! Documents, encrypted and decrypted piece by piece.

use sealing::{
    BUCKETS, DOCUMENT_HEAD, DocumentError, DocumentReader, DocumentSecret, DocumentWriter, LayerError, MAX_DOCUMENT,
    SecretKey, check_document, document_size, layer_size, os_randomness,
};

/// Encrypts a document that comes in pieces of this size.
pub fn encrypted(content: &[u8], piece: usize) -> (Vec<u8>, DocumentSecret) {
    let mut writer = DocumentWriter::new(&mut os_randomness().unwrap()).unwrap();
    let mut file: Vec<u8> = content.chunks(piece).flat_map(|piece| writer.write(piece).unwrap()).collect();
    assert_eq!(writer.written(), content.len());
    while let Some(more) = writer.fill_up().unwrap() {
        file.extend(more);
    }
    let (end, secret) = writer.finish().unwrap();
    file.extend(end);
    (file, secret)
}

/// All that is in a document, with what fills it up.
pub async fn decrypted(key: &SecretKey, file: &[u8]) -> Result<Vec<u8>, DocumentError> {
    let mut reader = DocumentReader::open(key, file).await?;
    let mut content = Vec::new();
    while let Some(piece) = reader.next().await? {
        content.extend(piece);
    }
    Ok(content)
}

#[tokio::test]
async fn a_document_comes_out_as_it_was_put_in_and_filled_up() {
    for (size, piece) in [(1, 1), (4096, 100), (4097, 5000), (70_000, 65_536), (300_000, 1 << 20)] {
        let content: Vec<u8> = (0..size).map(|n: u32| n.to_le_bytes()[0]).collect();
        let (file, secret) = encrypted(&content, piece);
        assert_eq!((Some(file.len()), secret.size), (document_size(content.len()), content.len()));
        check_document(&file[..DOCUMENT_HEAD], file.len() as u64).unwrap();
        let out = decrypted(&secret.key, &file).await.unwrap();
        assert_eq!((&out[..content.len()], BUCKETS.contains(&out.len())), (&content[..], true));
        assert!(out[content.len()..].iter().all(|byte| *byte == 0));
    }
    assert_eq!((document_size(MAX_DOCUMENT), document_size(MAX_DOCUMENT + 1)), (Some(layer_size(64 << 20)), None));
}

#[tokio::test]
async fn whatever_is_changed_is_noticed() {
    let (file, secret) = encrypted(&[7; 70_000], 1000);
    for at in [0, 30, 100, 167, 170, 200, 70_000, 200_000, file.len() - 1] {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(matches!(decrypted(&secret.key, &changed).await, Err(DocumentError::NotDecryptable)), "{at}");
    }
    for length in [0, 100, 168, 65_736, file.len() - 1] {
        assert!(
            matches!(decrypted(&secret.key, &file[..length]).await, Err(DocumentError::NotDecryptable)),
            "{length}"
        );
    }
    let other = SecretKey::generate(&mut os_randomness().unwrap()).unwrap();
    assert!(matches!(decrypted(&other, &file).await, Err(DocumentError::NotDecryptable)));
}

#[test]
fn a_document_that_somebody_encrypted_by_themself_has_one_of_the_sizes_and_one_key() {
    let (file, secret) = encrypted(b"Lamps", 5);
    let check = |file: &[u8], size: u64| check_document(&file[..file.len().min(DOCUMENT_HEAD)], size);
    assert_eq!(check(&file, 4296), Ok(()));
    assert_eq!(check(&file, 4295), Err(LayerError::Size));
    assert_eq!(check(b"%PDF-1.7", 8), Err(LayerError::NotAge));
    assert_eq!(check(b"", 0), Err(LayerError::NotAge));
    assert!(!format!("{secret:?}").contains("AGE-SECRET"));
}
