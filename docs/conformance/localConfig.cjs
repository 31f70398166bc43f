// For the public W3C suites: which of the node's routes each of their tags is run against. Put it into a suite's root.
const base = process.env.BASE_URL || 'https://127.0.0.1:8443';
// BINDING=strict: verifiers accept only a proof by a key of the issuer; by default a proof by any key
const strict = process.env.BINDING === 'strict';
// a relaxed profile signs for any issuer, so that this need not be the key of the day
const id = 'did:example:acredita';
const supports = {vc: ['1.1', '2.0']};
const at = (profile, path, settings) => ({id, endpoint: `${base}/issuers/${profile}/${path}`, supports, ...settings});
const issue = (profile, tags, more = {}) => at(profile, 'credentials/issue', {tags, ...more});
const checked = (profile, path, settings) => strict ?
  {id, endpoint: `${base}/${path}`, supports, ...settings} : at(profile, path, settings);
const verify = (profile, tags, more = {}) => checked(profile, 'credentials/verify', {tags, ...more});
const curves = {supportedEcdsaKeyTypes: ['P-256', 'P-384']};
const list = purpose => ['BitstringStatusList', purpose === 'revocation' ? 'Revocation' : 'Suspension'];

module.exports = {
  settings: {enableInteropTests: false, testAllImplementations: false},
  implementations: [{
    name: 'Acredita',
    implementation: 'Acredita',
    issuers: [
      issue('eddsa-rdfc', ['vc2.0', 'vc-api', 'eddsa-rdfc-2022']),
      issue('eddsa-jcs', ['eddsa-jcs-2022']),
      issue('ecdsa-rdfc-p256', ['ecdsa-rdfc-2019'], {supportedEcdsaKeyTypes: ['P-256']}),
      issue('ecdsa-rdfc-p384', ['ecdsa-rdfc-2019'], {supportedEcdsaKeyTypes: ['P-384']}),
      issue('ecdsa-jcs-p256', ['ecdsa-jcs-2019'], {supportedEcdsaKeyTypes: ['P-256']}),
      issue('ecdsa-jcs-p384', ['ecdsa-jcs-2019'], {supportedEcdsaKeyTypes: ['P-384']}),
      issue('jwt', ['EnvelopingProof']),
      issue('revocation', list('revocation')),
      issue('suspension', list('suspension'))
    ],
    verifiers: [
      verify('eddsa-rdfc', ['vc2.0', 'vc-api', 'eddsa-rdfc-2022', 'eddsa-jcs-2022', 'EnvelopingProof',
        'Ed25519Signature2020', 'BitstringStatusList']),
      verify('ecdsa-rdfc-p256', ['ecdsa-rdfc-2019', 'ecdsa-jcs-2019'], curves)
    ],
    vpVerifiers: [checked('eddsa-rdfc', 'presentations/verify', {tags: ['vc2.0', 'EnvelopingProof']})],
    setStatusLists: [
      at('revocation', 'credentials/status', {tags: list('revocation')}),
      at('suspension', 'credentials/status', {tags: list('suspension')})
    ],
    publishStatusLists: [
      // the suite appends /publish to the list's own address
      {id, endpoint: `${base}/status`, tags: list('revocation')},
      {id, endpoint: `${base}/status`, tags: list('suspension')}
    ],
    didResolvers: [{id, endpoint: `${base}/1.0/identifiers`, tags: ['did-key']}]
  }]
};
