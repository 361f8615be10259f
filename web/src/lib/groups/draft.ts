import type { Group, GroupChange, NewGroup } from '$lib/api/groups';

/** How a group gets its devices. */
export type Manner = 'list' | 'statement';

/** What somebody typed into the form of a group. */
export type GroupDraft = {
  name: string;
  description: string;
  manner: Manner;
  statement: string;
  /** The group that it is to be a part of; empty is none. */
  parent: string;
};

export const NO_GROUP: GroupDraft = { name: '', description: '', manner: 'list', statement: '', parent: '' };

export function mannerOf(group: Pick<Group, 'statement'>): Manner {
  return group.statement === null ? 'list' : 'statement';
}

export function draftOf(group: Group): GroupDraft {
  return {
    name: group.name,
    description: group.description,
    manner: mannerOf(group),
    statement: group.statement ?? '',
    parent: group.parent ?? '',
  };
}

/** Whether there is enough in the form. */
export function isReady(draft: GroupDraft): boolean {
  return draft.name.trim() !== '' && (draft.manner === 'list' || draft.statement.trim() !== '');
}

/** The group as the API takes it; what belongs to the other manner is left out. */
export function newGroup(draft: GroupDraft): NewGroup {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    ...(draft.manner === 'statement' ? { statement: draft.statement.trim() } : {}),
    ...(draft.manner === 'list' && draft.parent ? { parent: draft.parent } : {}),
  };
}

/** What has to be sent so that a group becomes what was typed; empty where nothing changes. */
export function changeBetween(group: Group, draft: GroupDraft): GroupChange {
  const [statement, description] = [draft.statement.trim(), draft.description.trim()];
  return {
    ...(group.statement === null || statement === group.statement ? {} : { statement }),
    ...(description === group.description ? {} : { description }),
  };
}

export type ReadNames = { value: string[]; mistake: string | null };

/** Reads names of devices, one after another, with commas or blanks between; each counts once. */
export function readNames(text: string): ReadNames {
  const value = [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))];
  const wrong = value.find((one) => !/^[a-zA-Z0-9:_-]{1,128}$/.test(one));
  return { value, mistake: wrong === undefined ? null : `${wrong} is no name of a device.` };
}
