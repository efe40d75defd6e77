import { Loop } from '../nodes/Loop.node';
import type { NodeSubject } from './subject';

/** A hand-built loop: the floor that n8n allows a node. */
export const helper: NodeSubject = ({ parallel }, { baseUrl }) => ({
	typeName: 'bench.loop',
	type: new Loop(),
	parameters: { baseUrl, parallel, lookUpOnce: true },
});
