// Verifies with @digitalcredentials/verifier-core, one JSON line in, one out. Run with the folder of node_modules as the
// current directory; the only argument is JSON, `{"addresses": {"registro.example": "127.0.0.1:443"}, "redirects": {}}`.
//
// The verifier, its JSON-LD contexts, its DID resolvers and its registry client are theirs and untouched. Two things around
// them are not the world's: names are looked up in the argument instead of the DNS, permanent identifiers are redirected as
// their host would (TLS and certificates are real; every other name is unreachable, and with it the schema that the library
// would like to fetch), and the clock is the request's, because the library takes no time.
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {pathToFileURL} from 'node:url';

const {addresses, redirects} = JSON.parse(process.argv[2]);
const fetchAnywhere = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(redirects[request.url] ?? request.url);
  if(!(url.protocol === 'https:' && addresses[url.host])) {
    throw new TypeError(`no such host: ${url.host}`);
  }
  url.host = addresses[url.host];
  return fetchAnywhere(url, {headers: request.headers, method: request.method});
};

const RealDate = Date;
let now = RealDate.now();
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length ? parts : [now]));
  }
  static now() {
    return now;
  }
};
console.log = console.error; // the registry client tells its failures there, and standard output is ours

const folder = `${process.cwd()}/node_modules/@digitalcredentials/verifier-core`;
const {exports} = JSON.parse(readFileSync(`${folder}/package.json`));
const {verifyCredential, verifyPresentation} = await import(pathToFileURL(`${folder}/${exports['.'].default}`));

const told = ({log = [], errors = []}) => {
  const step = id => log.find(entry => entry.id === id);
  const issuer = step('registered_issuer');
  return {
    steps: Object.fromEntries(log.map(({id, valid, error}) => [id, error ? error.name : valid])),
    issuers: (issuer?.matchingIssuers ?? []).map(found => found.issuer.federation_entity.organization_name),
    unchecked: (issuer?.uncheckedRegistries ?? []).map(({name}) => name),
    errors: errors.map(({name}) => name)
  };
};

for await (const line of createInterface({input: process.stdin})) {
  const {kind, document, registries, now: moment} = JSON.parse(line);
  now = RealDate.parse(moment);
  const knownDIDRegistries = registries.map(url => ({name: url, type: 'dcc-legacy', url}));
  let answer;
  if(kind === 'presentation') {
    const {presentationResult, credentialResults, errors} =
      await verifyPresentation({presentation: document, knownDIDRegistries, unsignedPresentation: true});
    answer = {signature: presentationResult?.signature, credentials: (credentialResults ?? []).map(told), errors};
  } else {
    answer = told(await verifyCredential({credential: document, knownDIDRegistries}));
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
