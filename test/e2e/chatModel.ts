import type { IncomingHttpHeaders } from 'node:http';

import { startListener } from '../support/listener.ts';
import { at } from './items.ts';

/**
 * What the scripted model answers to one request: the calls of a tool, by their arguments, or a text, or a refusal, which is an HTTP
 * status. A turn with calls uses the tool that it names, or else the first one that it was offered.
 */
export type Turn = { calls: readonly object[]; tool?: string } | { text: string } | { refusal: number };

/** A tool, as OpenAI's protocol describes it. */
export interface OfferedTool {
	function: { name: string; description: string; parameters: { properties: Record<string, unknown>; required: string[] } };
}

/** What a chat model is asked. */
interface Question {
	model: string;
	messages: Array<{ role: string; content: string }>;
	tools: OfferedTool[];
}

/** A request for an answer, headers and bytes included. */
export interface ModelRequest {
	headers: IncomingHttpHeaders;
	raw: string;
	body: Question;
}

/** A chat model that answers from a script. */
export interface ChatModel {
	/** Its address, for n8n's OpenAI credential. */
	url: string;
	/** Sets what it answers from now on, and forgets what it received. */
	follow: (turns: readonly Turn[]) => void;
	/** What it received since. */
	requests: () => ModelRequest[];
	stop: () => Promise<void>;
}

/** Starts a chat model on loopback that speaks OpenAI's protocol. */
export async function startChatModel(): Promise<ChatModel> {
	let script: Turn[] = [];
	let requests: ModelRequest[] = [];

	const listener = await startListener(({ target, headers, rawBody }, response) => {
		let [status, answer]: [number, object] = [404, {}];
		if (target === '/v1/chat/completions') {
			const raw = rawBody.toString('utf8');
			const body = JSON.parse(raw) as Question;
			requests.push({ headers, raw, body });
			[status, answer] = answerTo(body, script.shift());
		}
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
	});

	return {
		url: `${listener.url}/v1`,
		follow(turns) {
			script = [...turns];
			requests = [];
		},
		requests: () => requests,
		stop: () => listener.stop(),
	};
}

/** The texts of the tools' results that a request hands to the model, oldest first. */
export function toolResults(request: ModelRequest | undefined): string[] {
	return (request?.body.messages ?? []).filter(({ role }) => role === 'tool').map(({ content }) => content);
}

let calls = 0;

function answerTo(question: Question, turn: Turn = { text: 'The script is over.' }): [status: number, answer: object] {
	return 'refusal' in turn ? [turn.refusal, { error: { message: 'refused' } }] : [200, completion(question, turn)];
}

function completion({ model, tools }: Question, turn: Exclude<Turn, { refusal: number }>): object {
	const message = 'text' in turn ? { content: turn.text } : { content: null, tool_calls: turn.calls.map((args) => toolCall(toolOf(turn.tool, tools), args)) };
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

function toolOf(wanted: string | undefined, tools: OfferedTool[]): OfferedTool {
	return at(wanted === undefined ? tools : tools.filter(({ function: { name } }) => name === wanted), 0);
}

function toolCall(tool: OfferedTool, args: object): object {
	calls += 1;
	return { id: `call_${calls}`, type: 'function', function: { name: tool.function.name, arguments: JSON.stringify(args) } };
}
