// Signs typed data as a wallet does: ethers takes it apart and hashes it itself.
// Input, on stdin: {"modules": folder, "key": private key, "data": EIP-712 typed data}. Output: digest and signature.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { modules, key, data } = JSON.parse(readFileSync(0, "utf8"));
const { TypedDataEncoder, Wallet } = createRequire(`${modules}/`)("ethers");
const { EIP712Domain, ...types } = data.types;
const signature = await new Wallet(key).signTypedData(data.domain, types, data.message);
console.log(JSON.stringify({ digest: TypedDataEncoder.hash(data.domain, types, data.message), signature }));
