'use strict';
/**
 * Loaded into each server that `child.mjs` starts: ends it in good order, as SIGTERM does, when the process that started
 * it lets go of it or has died in whatever way. Works the same on every platform.
 */
process.once('disconnect', () => {
	if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(0);
});
process.channel?.unref();
