// What an application on ethers 6 does with a chain: deploy, send, read, filter, prove. Prints one JSON object.
// node ethers_tour.mjs ADDRESS PROBE_JSON

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [address, probePath, modules] = process.argv.slice(2);
const { ethers } = createRequire(modules)("ethers");
const probe = JSON.parse(readFileSync(probePath, "utf8"));

const provider = new ethers.JsonRpcProvider(address, undefined, { batchMaxCount: 10, pollingInterval: 50, cacheTimeout: -1 });
const signer = new ethers.NonceManager(
  ethers.HDNodeWallet.fromPhrase("test test test test test test test test test test test junk", undefined, "m/44'/60'/0'/0/3").connect(provider),
);

const network = await provider.getNetwork();
const factory = new ethers.ContractFactory(probe.abi, probe.code, signer);
const contract = await factory.deploy();
await contract.waitForDeployment();
const at = await contract.getAddress();

const receipt = await (await contract.store(7, 9)).wait();
const block = await provider.getBlock(receipt.blockNumber, true);
const events = await contract.queryFilter(contract.filters.Stored(7), 0, "latest");
const fees = await provider.getFeeData();

let refusal;
try {
  await contract.refuse.staticCall("issuer: not active");
} catch (error) {
  refusal = { code: error.code, reason: error.reason };
}
let refusedSending;
try {
  await contract.refuse("issuer: not active");
} catch (error) {
  refusedSending = error.reason;
}

const both = await Promise.all([contract.values(7), contract.values(8), provider.getBalance(signer.getAddress())]);
const proof = await provider.send("eth_getProof", [at, [probe.slot], "latest"]);
await provider.send("evm_increaseTime", [3600]);
await provider.send("evm_mine", []);
const later = await provider.getBlock("latest");

console.log(
  JSON.stringify({
    chain: Number(network.chainId),
    status: receipt.status,
    gasUsed: Number(receipt.gasUsed),
    logs: receipt.logs.length,
    blockHash: receipt.blockHash,
    sameBlock: block.hash === receipt.blockHash,
    prefetched: block.prefetchedTransactions[0].hash === receipt.hash,
    event: [Number(events[0].args.key), Number(events[0].args.value)],
    maxFeePerGas: Number(fees.maxFeePerGas),
    refusal,
    refusedSending,
    values: both.slice(0, 2).map(Number),
    code: await provider.getCode(at),
    storage: await provider.getStorage(at, probe.slot),
    proved: Number(proof.storageProof[0].value),
    nonce: await provider.getTransactionCount(signer.getAddress()),
    waited: later.timestamp - block.timestamp,
    estimate: Number(await contract.store.estimateGas(77, 4)),
  }),
);
provider.destroy();
