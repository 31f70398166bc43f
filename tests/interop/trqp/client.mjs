// Asks a trust registry as any web program would: Node's fetch, and npm ajv for the published schemas. Run with the folder
// of node_modules as the current directory; arguments: the registry's address and a file of the two schemas. One JSON line
// in (a query; `date`, if given, becomes `context.time` as JavaScript writes dates), one out.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';

const require = createRequire(`${process.cwd()}/`);
const Ajv = require('ajv').default;
const ajv = new Ajv({allErrors: true});
require('ajv-formats').default(ajv);
const [base, file] = process.argv.slice(2);
const schemas = JSON.parse(readFileSync(file, 'utf8'));
const [isRequest, isResponse] = [schemas.request, schemas.response].map(schema => ajv.compile(schema));

for await (const line of createInterface({input: process.stdin})) {
  const {query, date} = JSON.parse(line);
  if(date !== undefined) {
    query.context = {...query.context, time: new Date(date * 1000).toISOString()};
  }
  const answer = await fetch(`${base}/authorization`, {
    method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(query)
  });
  const body = await answer.json();
  process.stdout.write(`${JSON.stringify({
    status: answer.status, type: answer.headers.get('content-type'), body, asked: query,
    request: isRequest(query), response: isResponse(body), errors: isResponse.errors
  })}\n`);
}
