import { Loop } from '../nodes/Loop.node';
import type { NodeSubject } from './subject';

/** The size at which this node, too, cuts an answer off. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

const loop =
	(maxAnswerBytes: number): NodeSubject =>
	({ parallel }, { baseUrl }) => ({
		typeName: 'bench.loop',
		type: new Loop(),
		parameters: { baseUrl, parallel, lookUpOnce: true, maxAnswerBytes },
	});

/** A hand-built loop: the floor that n8n allows a node. */
export const helper = loop(0);

/** The same loop with one of this node's promises: no answer, however large, fills n8n's memory. */
export const cuttingHelper = loop(MAX_ANSWER_BYTES);
