/** What users of Breakwater test with: simulated time, seeded chance, scripted dependencies. */
export { seededRandom } from '@breakwater/kernel'
export type { Random } from '@breakwater/kernel'
export { microtaskSteps } from './microtask-steps.js'
export { createScriptedDependency } from './scripted-dependency.js'
export type {
  Script,
  ScriptedAnswer,
  ScriptedCall,
  ScriptedContext,
  ScriptedDependency,
  ScriptedDependencyOptions,
} from './scripted-dependency.js'
export { SimClock } from './sim-clock.js'
export type { SimClockOptions, SimPending } from './sim-clock.js'
