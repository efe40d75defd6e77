'use strict';
/**
 * Loaded into each program that `child.ts` starts. When the process that started it lets go of it, or has died in whatever
 * way, it ends as on SIGTERM, and after its period of grace with everything that it has started.
 */
const graceMs = Number(process.env.END_WITH_PARENT_GRACE_MS);
delete process.env.END_WITH_PARENT_GRACE_MS;

process.once('disconnect', () => {
	const group = process.platform === 'win32' ? process.pid : -process.pid;
	setTimeout(() => process.kill(group, 'SIGKILL'), graceMs).unref();
	if (graceMs > 0 && !process.emit('SIGTERM', 'SIGTERM')) process.exit(0);
});
process.channel?.unref();
