// The OpenID Connect provider of one test: the npm package oidc-provider, with people who sign in by a form that asks
// for no password. Argument: {"modules", "issuer", "port", "client", "pkce"} in JSON; modules is the folder that holds
// node_modules, client the metadata of the one relying party, pkce whether every request must have a challenge.
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The package is for Node.js 22 and later: of what it uses here, 20 lacks this alone.
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);

const setup = JSON.parse(process.argv[2]);
const installed = createRequire(join(setup.modules, 'package.json')).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(installed));

const page = `<!DOCTYPE html>
<html lang="fr"><meta charset="utf-8"><title>Connexion</title>
<form method="post">
<label>Compte <input name="compte"></label>
<label>Moyens (amr) <input name="amr" value="pwd"></label>
<label>Courriel <input name="email"></label>
<label>Vérifié <input name="email_verified" type="checkbox" value="true"></label>
<label>Prénom <input name="given_name"></label>
<label>Nom d’usage <input name="usual_name"></label>
<button>Se connecter</button> <button name="refus" value="oui">Refuser</button>
</form></html>`;

const accounts = new Map(); // the claims of who has signed in, by account id: what the form said last

function key(alg, type, options) {
  return { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig' };
}

// consent grants what is asked for, and asks nobody.
async function consent({ oidc }) {
  const grant = new provider.Grant({ accountId: oidc.account.accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  grant.addOIDCClaims([...oidc.requestParamClaims]);
  await grant.save();
  return grant;
}

// answer is what a filled form makes of the interaction.
function answer(form) {
  const { compte, amr = '', refus, ...said } = Object.fromEntries(form);
  if (refus) {
    return { error: 'access_denied', error_description: 'the person refused' };
  }
  accounts.set(compte, {
    email: said.email || undefined,
    email_verified: said.email ? said.email_verified === 'true' : undefined,
    given_name: said.given_name || undefined,
    usual_name: said.usual_name || undefined,
  });
  const means = amr.split(' ').filter(Boolean);
  return { login: { accountId: compte, amr: means.length ? means : undefined }, consent: {} };
}

const method = setup.client.token_endpoint_auth_method;
const provider = new Provider(setup.issuer, {
  clients: [setup.client],
  clientAuthMethods: [method],
  // The one that signs need not be the first.
  jwks: { keys: [key('RS256', 'rsa', { modulusLength: 2048 }), key('ES256', 'ec', { namedCurve: 'P-256' })] },
  claims: {
    amr: null, // in the ID token, when it was asked for there
    email: ['email', 'email_verified'],
    profile: ['given_name', 'usual_name'],
    given_name: ['given_name'], // ProConnect has a scope for each
    usual_name: ['usual_name'],
  },
  features: {
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: true },
  },
  pkce: { required: () => setup.pkce },
  responseTypes: ['code'],
  scopes: ['openid'], // and those of the claims
  ttl: { AuthorizationCode: 30, AccessToken: 60, IdToken: 60, Interaction: 600, Session: 3600, Grant: 3600 }, // seconds
  findAccount: (_, id) => accounts.has(id) && { accountId: id, claims: () => ({ ...accounts.get(id), sub: id }) },
  loadExistingGrant: consent,
});

provider.use(async (ctx, next) => {
  if (ctx.path === '/pid') { // says whose port this is
    ctx.body = String(process.pid);
  } else if (ctx.path === '/token' && method === 'client_secret_post' && ctx.get('authorization')) {
    ctx.status = 401; // the package would take either
    ctx.body = { error: 'invalid_client', error_description: 'the secret belongs in the form' };
  } else if (!ctx.path.startsWith('/interaction/')) {
    await next();
  } else if (ctx.method === 'POST') {
    const chunks = [];
    for await (const chunk of ctx.req) {
      chunks.push(chunk);
    }
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    ctx.assert(form.get('compte') || form.get('refus'), 400, 'compte is empty');
    const to = await provider.interactionResult(ctx.req, ctx.res, answer(form), { mergeWithLastSubmission: false });
    ctx.status = 303;
    ctx.redirect(to);
  } else {
    ctx.type = 'html';
    ctx.body = page;
  }
});

for (const event of ['authorization.error', 'grant.error', 'userinfo.error', 'end_session.error', 'server_error']) {
  provider.on(event, (_, err) => {
    console.error(event, ...(err.expose ? [err.error, err.error_detail ?? err.error_description] : [err]));
  });
}
provider.listen(setup.port, '127.0.0.1');
