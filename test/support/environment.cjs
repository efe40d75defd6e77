const { TestEnvironment } = require('jest-environment-node');

// Jest gives a worker half a second to end, and takes one for stuck that Node.js needs longer to free the memory of. Nobody needs it freed.
process.once('exit', () => process.exit());

module.exports = TestEnvironment;
