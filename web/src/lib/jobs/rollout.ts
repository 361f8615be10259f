import type { RolloutConfig, Stage } from '$lib/api/jobs';

export type Manner = 'constant' | 'exponential' | 'stages';

/** A stage as somebody typed it; numbers that were left out are null. */
export type StageDraft = {
  name: string;
  percentage: number | null;
  finished: number | null;
  soak: number | null;
};

/** How fast a job is to spread, as somebody typed it. What belongs to another manner stays, and is not sent. */
export type RolloutDraft = {
  manner: Manner;
  /** How many are told in a minute at the most; it counts in every manner. */
  most: number | null;
  /** The rate at the beginning, and how many times larger each step makes it. */
  base: number | null;
  factor: number | null;
  /** Each time that so many more were told, or have done it, the rate makes a step. */
  notified: number | null;
  succeeded: number | null;
  stages: StageDraft[];
  /** A statement that must hold before the next stage; empty where there is none. */
  advance: string;
};

export const MOST_STAGES = 10;

export function noRollout(): RolloutDraft {
  return {
    manner: 'constant',
    most: null,
    base: null,
    factor: 2,
    notified: null,
    succeeded: null,
    stages: [newStage([]), { ...newStage([]), name: 'all', percentage: 100 }],
    advance: '',
  };
}

/** A stage for the form to begin with, before those that are there. */
export function newStage(stages: StageDraft[]): StageDraft {
  return {
    name: stages.length === 0 ? 'canary' : `stage-${stages.length}`,
    percentage: stages.length === 0 ? 10 : null,
    finished: null,
    soak: null,
  };
}

/** What the platform would refuse; null where it is right. */
export function rolloutMistake(draft: RolloutDraft): string | null {
  if (draft.manner === 'exponential') return rateMistake(draft);
  return draft.manner === 'stages' ? stagesMistake(draft.stages) : null;
}

function rateMistake({ base, factor, most, notified, succeeded }: RolloutDraft): string | null {
  if (base === null || factor === null) return 'Say at which rate it begins, and how it grows.';
  if (most !== null && most < base) return 'It begins with more devices a minute than there may be.';
  if (notified === null && succeeded === null) return 'Say after how many devices the rate grows.';
  return null;
}

function stagesMistake(stages: StageDraft[]): string | null {
  if (stages.length === 0) return 'Add a stage.';
  for (const [at, { name, percentage }] of stages.entries()) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name.trim()))
      return `Stage ${at + 1} needs a name of letters, digits, _ and -.`;
    if (percentage === null) return `Say how many of the targets ${name} reaches.`;
    const before = stages[at - 1]?.percentage ?? 0;
    if (percentage <= before) return `${name} must reach more than the stage before.`;
  }
  return stages.at(-1)?.percentage === 100 ? null : 'The last stage must reach 100 %.';
}

/** The rollout as the API takes it; undefined where nothing was said. */
export function rolloutOf(draft: RolloutDraft): RolloutConfig | undefined {
  const config: RolloutConfig = {
    ...(draft.most === null ? {} : { maximumPerMinute: draft.most }),
    ...(draft.manner === 'exponential' ? { exponentialRate: growing(draft) } : {}),
    ...(draft.manner === 'stages' ? { stages: draft.stages.map(stageOf) } : {}),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function growing({ base, factor, notified, succeeded }: RolloutDraft) {
  return {
    baseRatePerMinute: base ?? 1,
    incrementFactor: factor ?? 2,
    rateIncreaseCriteria: {
      ...(notified === null ? {} : { numberOfNotifiedThings: notified }),
      ...(succeeded === null ? {} : { numberOfSucceededThings: succeeded }),
    },
  };
}

function stageOf({ name, percentage, finished, soak }: StageDraft): Stage {
  return {
    name: name.trim(),
    percentage: percentage ?? 100,
    ...(finished === null ? {} : { finishedPercentage: finished }),
    ...(soak === null ? {} : { soakMinutes: soak }),
  };
}
