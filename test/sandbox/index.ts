export type { Gauges } from './gauges';
export { startDelayedLink, type DelayedLink } from './delayedLink';
export { selfSigned } from './selfSigned';
export { startSandbox, type Sandbox, type SandboxOptions } from './server';
export { faultKinds, type Arrival, type Fault, type FaultKind, type FaultPlan, type FaultRule, type RandomPlan } from './faults';
export type { Effect } from './ledger';
export type { JournalEntry } from './journal';
export { assumptions, repeatedRequestIdForms, unknownRequestForms, type Assumptions, type ErrorAnswer, type Settings } from './settings';
export { seeds } from './world';
