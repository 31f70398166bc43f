// Issues and verifies with @digitalbazaar/vc 7.3, one JSON line in, one out. Run with the folder of node_modules as the
// current directory and the bundled contexts (URL → document) as the only argument. Nothing is fetched: every other URL
// fails. did:key documents are made from their keys, did:web ones come with the request.
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {pathToFileURL} from 'node:url';

const load = async name => {
  const folder = `${process.cwd()}/node_modules/${name}`;
  const {exports, main} = JSON.parse(readFileSync(`${folder}/package.json`));
  let entry = exports ?? main ?? 'index.js';
  while(typeof entry !== 'string') {
    entry = entry['.'] ?? entry.import ?? entry.default ?? entry.require;
  }
  return import(pathToFileURL(`${folder}/${entry}`));
};

const vc = await load('@digitalbazaar/vc');
const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const Ed25519Multikey = await load('@digitalbazaar/ed25519-multikey');
const EcdsaMultikey = await load('@digitalbazaar/ecdsa-multikey');
const cryptosuites = {
  'eddsa-rdfc-2022': (await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite')).cryptosuite,
  'ecdsa-rdfc-2019': (await load('@digitalbazaar/ecdsa-rdfc-2019-cryptosuite')).cryptosuite
};
const contexts = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const keyDocument = (did, multibase) => {
  const id = `${did}#${multibase}`;
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [{id, type: 'Multikey', controller: did, publicKeyMultibase: multibase}],
    assertionMethod: [id],
    authentication: [id]
  };
};

const loader = dids => async url => {
  const [did] = url.split('#');
  let document = contexts[url] ?? dids[did];
  if(!document && did.startsWith('did:key:')) {
    document = keyDocument(did, did.slice('did:key:'.length));
  }
  if(!document) {
    throw new Error(`not at hand: ${url}`);
  }
  if(url !== did && document.verificationMethod) {
    const method = document.verificationMethod.find(({id}) => id === url);
    document = {'@context': 'https://w3id.org/security/multikey/v1', ...method};
  }
  // contexts never change, and the peer may keep what it made of them
  const tag = contexts[url] ? 'static' : undefined;
  return {contextUrl: null, documentUrl: url, document, tag};
};

const operations = {
  async verify({document, dids = {}, now}) {
    // the library adds its second context to the proof unless it is told that the document has the first
    const legacyContext = document['@context'].includes('https://w3id.org/security/data-integrity/v1');
    const suite = Object.values(cryptosuites).map(
      cryptosuite => new DataIntegrityProof({cryptosuite, legacyContext}));
    const checkStatus = async () => ({verified: true});
    const result = await vc.verifyCredential(
      {credential: document, suite, documentLoader: loader(dids), checkStatus, now});
    const error = result.error?.errors?.[0] ?? result.error;
    return {verified: result.verified === true, error: error ? `${error.name}: ${error.message}` : null};
  },
  async verifyPresentation({document, challenge, domain, dids = {}, now}) {
    const suite = Object.values(cryptosuites).map(cryptosuite => new DataIntegrityProof({cryptosuite}));
    const checkStatus = async () => ({verified: true});
    const result = await vc.verify({
      presentation: document, suite, documentLoader: loader(dids), checkStatus, challenge, domain, now});
    return {verified: result.verified === true, error: result.error ? String(result.error) : null};
  },
  async issue({document, cryptosuite, curve, created, now}) {
    const generated = await (curve ? EcdsaMultikey.generate({curve}) : Ed25519Multikey.generate({}));
    const did = `did:key:${generated.publicKeyMultibase}`;
    generated.id = `${did}#${generated.publicKeyMultibase}`;
    generated.controller = did;
    const suite = new DataIntegrityProof(
      {signer: generated.signer(), cryptosuite: cryptosuites[cryptosuite], date: created});
    document.issuer.id = did;
    return {document: await vc.issue({credential: document, suite, documentLoader: loader({}), now})};
  },
  // Seconds for signing, then for verifying each of the documents once; for the benchmark.
  async time({documents, created, now}) {
    const key = await Ed25519Multikey.generate({});
    const did = `did:key:${key.publicKeyMultibase}`;
    key.id = `${did}#${key.publicKeyMultibase}`;
    key.controller = did;
    const documentLoader = loader({});
    const checkStatus = async () => ({verified: true});
    const signed = [];
    const started = process.hrtime.bigint();
    for(const credential of documents) {
      credential.issuer.id = did;
      const suite = new DataIntegrityProof(
        {signer: key.signer(), cryptosuite: cryptosuites['eddsa-rdfc-2022'], date: created});
      signed.push(await vc.issue({credential, suite, documentLoader, now}));
    }
    const between = process.hrtime.bigint();
    for(const credential of signed) {
      const suite = new DataIntegrityProof({cryptosuite: cryptosuites['eddsa-rdfc-2022']});
      const {verified} = await vc.verifyCredential({credential, suite, documentLoader, checkStatus, now});
      if(!verified) {
        throw new Error('a credential of its own does not verify');
      }
    }
    const ended = process.hrtime.bigint();
    return {sign: Number(between - started) / 1e9, verify: Number(ended - between) / 1e9};
  }
};

for await (const line of createInterface({input: process.stdin})) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = await operations[request.op](request);
  } catch(error) {
    answer = {verified: false, error: `${error.name}: ${error.message}`};
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
