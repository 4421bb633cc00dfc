export { saga, type SagaOptions } from "./saga.ts";
export type {
  GroupBuilder,
  NewName,
  PivotedBuilder,
  SagaBuilder,
  WithOutput,
} from "./builder.ts";
export type { SagaDefinition, Unit } from "./definition.ts";
export type { Jsonify } from "./jsonify.ts";
export type {
  Awaitable,
  CertainStep,
  CompensateCall,
  ExecuteCall,
  FindCall,
  Found,
  LastingStep,
  OnUnknown,
  RetryPlan,
  Step,
  StepCall,
  StepRetry,
  StepRole,
  UncertainStep,
} from "./step.ts";
export {
  AdminRefusedError,
  Fatal,
  IdConflictError,
  NotDone,
  OrchestratorClosedError,
  Rejected,
  RetryAfter,
  SagaAbandonedError,
  SagaCompensatedError,
  ShapeError,
  StoreError,
  UnknownRunError,
  type CompensationReason,
} from "./errors.ts";
export type {
  EntryBody,
  EntryDetail,
  JournalEntry,
  JournalKind,
  RecordedError,
  SagaState,
  StoredEntry,
  StuckReason,
} from "./journal.ts";
export { memoryStore, type MemoryStoreOptions } from "./stores/memory.ts";
export type {
  Append,
  Appended,
  CancelAnswer,
  CancelGate,
  Claimant,
  ClaimedRun,
  DefinitionId,
  ListQuery,
  LiveShape,
  RunHead,
  RunSummary,
  SagaStore,
  Started,
} from "./stores/store.ts";
export { createOrchestrator, type Orchestrator } from "./orchestrator.ts";
export type { OrchestratorOptions } from "./options.ts";
export type { SagaHandle } from "./saga-handle.ts";
export type { SagaStatus } from "./status.ts";
export type { SagaEvent } from "./events.ts";
export type { AdminQuery, Orphan, SagaAdmin } from "./admin.ts";
export type { Resolution, Signature } from "./intervention.ts";
export type {
  CompensationPlan,
  PlannedCompensation,
} from "./compensation-plan.ts";
