// The parts of a choice, which are not public.
export { HostTable } from '../../../packages/discovery-client/src/balancing/core/host-table.ts'
export type { Host } from '../../../packages/discovery-client/src/balancing/core/host.ts'
export { Question } from '../../../packages/discovery-client/src/balancing/core/question.ts'
export { Selection } from '../../../packages/discovery-client/src/balancing/selection.ts'
