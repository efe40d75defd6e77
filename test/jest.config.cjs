/** The tests run the TypeScript sources; libraries that come as ES modules only are transformed with them. */
module.exports = {
	rootDir: '..',
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	// Jest leaves one core alone, which of two is half.
	maxWorkers: '100%',
	// Time enough on any machine: a test that takes as long hangs.
	testTimeout: 120_000,
	testEnvironment: '<rootDir>/test/support/environment.cjs',
	transform: { '^.+\\.[jt]s$': '<rootDir>/test/support/transform.cjs' },
	transformIgnorePatterns: ['/node_modules/(?!jose/|uuid/|yocto-queue/)'],
	modulePathIgnorePatterns: ['<rootDir>/build/'],
	// Node.js runs these itself, in a real n8n.
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(?:compat|e2e|queue)/'],
	collectCoverageFrom: ['nodes/**/*.ts', 'credentials/**/*.ts'],
};
