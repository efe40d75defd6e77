/**
 * The tests run the TypeScript sources; libraries that come as ES modules only are transformed with them. `npm run test:jest` gives Jest and
 * its workers a larger young generation: each file loads its modules anew, and collecting them took a fifth of the CPU.
 */
module.exports = {
	rootDir: '..',
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	// Jest leaves one core alone, which of two is half.
	maxWorkers: '100%',
	// Time enough on any machine: a test that takes as long hangs.
	testTimeout: 120_000,
	// A worker that is done frees its memory before it ends. On a busy machine that takes longer than the half second that Jest gives it.
	workerGracefulExitTimeout: 30_000,
	testSequencer: '<rootDir>/test/support/longFirst.cjs',
	transform: { '^.+\\.[jt]s$': '<rootDir>/test/support/transform.cjs' },
	transformIgnorePatterns: ['/node_modules/(?!jose/|uuid/|yocto-queue/)'],
	modulePathIgnorePatterns: ['<rootDir>/build/'],
	// Node.js runs these itself, in a real n8n.
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(?:compat|e2e|queue)/'],
	collectCoverageFrom: ['nodes/**/*.ts', 'credentials/**/*.ts'],
};
