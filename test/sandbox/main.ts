import { parseArgs } from 'node:util';

import { startDelayedLink } from './delayedLink';
import { selfSigned } from './selfSigned';
import { startSandbox, type Sandbox } from './server';
import { seeds } from './world';

const DEFAULT_PORT = 8642;

const USAGE = `Usage: npm run sandbox -- [options]

  --port N           port on 127.0.0.1, ${DEFAULT_PORT} by default; 0 takes a free one
  --processing-ms N  how long commands stay in process, 0 by default
  --latency-ms N     how long the server takes for each request, 0 by default
  --accept-unknown   take every card, client, account and transaction for an existing one
  --tls              speak https, with a certificate made for this run
  --round-trip-ms N  seem that far away; the address is then that of a relay
  --counts           count the requests without keeping them`;

/** A mistake of the person at the keyboard: one line is enough. */
class Mistake extends Error {}

function numberOf(name: string, text: string | undefined, fallback: number): number {
	if (text === undefined) return fallback;
	if (!/^\d{1,9}$/.test(text)) throw new Mistake(`--${name} must be a whole number, not ${text}.`);
	return Number(text);
}

function flags() {
	try {
		return parseArgs({
			options: {
				port: { type: 'string' },
				'processing-ms': { type: 'string' },
				'latency-ms': { type: 'string' },
				'round-trip-ms': { type: 'string' },
				'accept-unknown': { type: 'boolean', default: false },
				tls: { type: 'boolean', default: false },
				counts: { type: 'boolean', default: false },
				help: { type: 'boolean', short: 'h' },
			},
		}).values;
	} catch (error) {
		throw new Mistake(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
	}
}

/** What there is to play with, in lines of a name and a text. */
function samples(): Array<[string, string]> {
	const { linkedCards, bulkCards, blockedCard, closedCard, clients, giftCards, transaction } = seeds;
	const range = (ids: readonly string[]) => `${ids[0]} to ${ids.at(-1)}`;
	return [
		['Cards', `${range(linkedCards)}: active, with a client, an account, limits and operations`],
		['', `${range(bulkCards)}: active, issued in bulk, to be linked to a client`],
		['', `${blockedCard}: blocked; ${closedCard}: closed`],
		['Clients', `${range(clients)}, of product 2000`],
		['Gift cards', giftCards.map(({ cardId, otp }) => `${cardId} with the code (OTP) ${otp}`).join(', ')],
		['Transaction', `${transaction.transactionId} of ${transaction.orderId}, to be refunded; others by the rrn of Get Operations`],
	];
}

function facts({ authId, partnerKey }: Sandbox, url: string, cert: string | undefined) {
	return {
		url,
		...(cert !== undefined && { cert }),
		authId,
		partnerKey,
		algorithm: 'HS512',
		cards: seeds.cards,
		clients: seeds.clients,
		giftCards: seeds.giftCards,
		samples: samples(),
	};
}

function welcome({ authId, partnerKey }: Sandbox, url: string): string {
	const known = samples().map(([name, text]) => `  ${name.padEnd(11)}  ${text}`);
	return `
FreedomPay sandbox on ${url}

  It plays the documented part of the Card API in memory. Error answers, and what the documentation does not show, are
  assumptions.

${known.join('\n')}

  Credential to type in (FreedomPay API)
    Environment          Custom
    Base URL             ${url}
    Auth ID              ${authId}
    Partner Key          ${partnerKey}
    Signature Algorithm  HS512

  See what it received and did
    curl ${url}/_sandbox/journal
    curl ${url}/_sandbox/ledger
    curl ${url}/_sandbox/state

  Make it misbehave: lose the answer to the next Close Card after closing the card
    curl -X POST ${url}/_sandbox/faults -d '{"path":"card/close","kind":"dropAfter"}'

  Stop it with Ctrl-C.
`;
}

async function main(): Promise<void> {
	const values = flags();
	if (values.help) {
		process.stderr.write(`${USAGE}\n`);
		return;
	}
	const port = numberOf('port', values.port, DEFAULT_PORT);
	const tls = values.tls ? selfSigned() : undefined;
	const roundTripMs = numberOf('round-trip-ms', values['round-trip-ms'], 0);
	const sandbox = await startSandbox({
		port,
		...(tls !== undefined && { tls }),
		unknownIds: values['accept-unknown'] ? 'accept' : 'refuse',
		journal: values.counts ? 'counts' : 'full',
		processingMs: numberOf('processing-ms', values['processing-ms'], 0),
		latencyMs: numberOf('latency-ms', values['latency-ms'], 0),
	}).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'EADDRINUSE') throw new Mistake(`Port ${port} is in use. Choose another one with --port.`);
		if (error.code === 'EACCES' || error.code === 'ERR_SOCKET_BAD_PORT') throw new Mistake(`Port ${port} cannot be used. Choose another one with --port.`);
		throw error;
	});
	const link = roundTripMs > 0 ? await startDelayedLink(sandbox.port, roundTripMs) : undefined;
	const url = link === undefined ? sandbox.url : sandbox.url.replace(/\d+$/, String(link.port));
	process.stdout.write(`${JSON.stringify(facts(sandbox, url, tls?.cert))}\n`);
	process.stderr.write(welcome(sandbox, url));

	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void Promise.all([link?.stop(), sandbox.stop()]));
	}
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Mistake ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
