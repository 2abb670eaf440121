// A real OpenID provider for the tests, which say in the address of the log-in page who signs in.
// Settings come from the environment: PORT, REDIRECT_URI, and CLAIMS_IN_ID_TOKEN=1 to tell the address in the ID token
// and not only at the userinfo endpoint. Says "ready" once it listens.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';

const { PORT, REDIRECT_URI, CLAIMS_IN_ID_TOKEN } = process.env;
const accounts = new Map();

// A new key, with a new name, at each start: as if the provider had changed its keys.
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  jwks: { keys: [key] },
  cookies: { keys: [randomUUID()] },
  clients: [{ client_id: 'provoco', client_secret: 'a secret: with + and %', redirect_uris: [REDIRECT_URI] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: CLAIMS_IN_ID_TOKEN !== '1',
  features: { devInteractions: { enabled: false } },
  findAccount: (_, id) => accounts.get(id),
  // Nobody is asked for consent.
  async loadExistingGrant(ctx) {
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

// The log-in page: /interaction/<id>?sub=...&email=...&verified=true&name=..., or ?deny=1 for somebody who gives up.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { sub, email, verified, name, deny } = ctx.query;
  const claims = { sub, email, email_verified: verified === 'true', name };
  accounts.set(sub, { accountId: sub, claims: () => claims });
  const result = deny ? { error: 'access_denied' } : { login: { accountId: sub } };
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  ctx.respond = false;
});

provider.listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
