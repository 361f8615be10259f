import { commands, type Command, type CommandPage, type CommandStatus } from '$lib/api/commands';
import { Failure } from '$lib/api/failure';
import { isAnswered } from './answer';

/** How often commands are asked for, in ms: their deadlines are often short. */
export const EVERY = 2_000;
/** How many stand on a page. The answer of each is asked for by itself, so these are few. */
export const COMMANDS = 25;

/** A page of commands, and those of them that have an answer, by id. */
export type Listed = CommandPage & { answers: ReadonlyMap<string, Command> };

/**
 * Asks for pages of a device's commands with their answers. The list of the API leaves those out, so each is asked for by itself; an
 * answer does not change any more, and is asked for once.
 */
export function commandLister(
  thing: string,
): (status: CommandStatus | null, after: string) => Promise<Listed> {
  let known = new Map<string, Command>();
  return async (status, after) => {
    const page = await commands.of(thing, status, after, COMMANDS);
    const found = await Promise.all(
      page.commands.filter(isAnswered).map((command) => known.get(command.id) ?? find(command.id)),
    );
    known = new Map(found.flatMap((command) => (command ? [[command.id, command] as const] : [])));
    return { ...page, answers: known };
  };
}

/** A command, or null where it was forgotten between the two questions. */
async function find(id: string): Promise<Command | null> {
  try {
    return await commands.read(id);
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return null;
    throw error;
  }
}
