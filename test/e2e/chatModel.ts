import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * What the scripted model answers to one request: the calls of a tool, by their arguments, or a text, or a refusal.
 *
 * @typedef {{ calls: object[], tool?: string } | { text: string } | { refusal: number }} Turn a refusal is an HTTP status
 */

/**
 * Starts a chat model on loopback that speaks OpenAI's protocol and answers from a script.
 *
 * A turn with calls uses the tool that it names, or else the first one that it was offered.
 */
export async function startChatModel() {
	/** @type {Turn[]} */
	let script = [];
	let requests = [];

	const server = createServer(async (request, response) => {
		const raw = await text(request);
		const body = raw === '' ? undefined : JSON.parse(raw);
		requests.push({ path: request.url, headers: request.headers, raw, body });
		const [status, answer] = request.url === '/v1/chat/completions' ? answerTo(body, script.shift()) : [404, {}];
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');

	return {
		url: `http://127.0.0.1:${server.address().port}/v1`,
		/**
		 * Sets what it answers from now on, and forgets what it received.
		 *
		 * @param {Turn[]} turns
		 */
		follow(turns) {
			script = [...turns];
			requests = [];
		},
		/** What it received since, headers and bytes included. */
		requests: () => requests,
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

/** The texts of the tools' results that a request hands to the model, oldest first. */
export function toolResults({ body }) {
	return body.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
}

let calls = 0;

function answerTo(body, turn = { text: 'The script is over.' }) {
	return 'refusal' in turn ? [turn.refusal, { error: { message: 'refused' } }] : [200, completion(body, turn)];
}

function completion({ model, tools }, turn) {
	const message = 'text' in turn ? { content: turn.text } : { content: null, tool_calls: turn.calls.map((args) => toolCall(toolOf(turn, tools), args)) };
	return {
		id: 'chatcmpl-scripted',
		object: 'chat.completion',
		created: 0,
		model,
		choices: [
			{
				index: 0,
				message: { role: 'assistant', ...message },
				finish_reason: 'text' in turn ? 'stop' : 'tool_calls',
			},
		],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}

function toolOf({ tool: wanted }, tools) {
	return wanted === undefined ? tools[0] : tools.find(({ function: { name } }) => name === wanted);
}

function toolCall(tool, args) {
	calls += 1;
	return { id: `call_${calls}`, type: 'function', function: { name: tool.function.name, arguments: JSON.stringify(args) } };
}
