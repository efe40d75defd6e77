import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage of this process, at once. */
export function collectGarbage(): void {
	setFlagsFromString('--expose_gc');
	(runInNewContext('gc') as () => void)();
}
