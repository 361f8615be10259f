import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { APIRequestContext } from '@playwright/test';

const run = promisify(execFile);

/** Makes a repository by the API. */
export async function createRepository(request: APIRequestContext, name: string): Promise<void> {
  const response = await request.post('/v1/repositories', {
    headers: { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` },
    data: { name, description: 'What the tests push' },
  });
  if (!response.ok()) throw new Error(`the repository was refused: ${await response.text()}`);
}

/** A token that is somebody else than the one who looks at the console: nobody approves what they pushed. */
export async function otherToken(request: APIRequestContext, name: string): Promise<string> {
  const response = await request.post('/v1/tokens', {
    headers: { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` },
    data: { name },
  });
  if (!response.ok()) throw new Error(`the token was refused: ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

/** A folder of git whose remote `trunk` is a repository. Neither the configuration of the machine nor of a person counts. */
export class Checkout {
  private constructor(readonly folder: string) {}

  static async of(name: string, token = process.env.TRUNKLINE_TOKEN): Promise<Checkout> {
    const made = new Checkout(await mkdtemp(join(tmpdir(), 'trunkline-git-')));
    const { host } = new URL(process.env.TRUNKLINE_URL ?? '');
    await made.git('init', '-q', '-b', 'trunk');
    await made.git('remote', 'add', 'trunk', `http://git:${token}@${host}/git/${name}`);
    return made;
  }

  async git(...words: string[]): Promise<string> {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const { stdout, stderr } = await run('git', [...who, ...words], { cwd: this.folder, env });
    return `${stdout}${stderr}`;
  }

  async write(files: Record<string, string | Buffer>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true });
      await writeFile(join(this.folder, path), content);
    }
  }

  /** Without a change id, a change is known by its author and the second in which it was written: each is in one of its own. */
  async commit(message: string, files: Record<string, string | Buffer> = {}): Promise<void> {
    await this.write(files);
    await this.git('add', '-A');
    await new Promise((wake) => setTimeout(wake, 1_100));
    await this.git('commit', '-q', '-m', message);
  }

  /** Pushes what the branch has for the trunk; gives the number of the newest change. */
  async push(...options: string[]): Promise<number> {
    const told = await this.git(
      'push',
      ...options.flatMap((one) => ['-o', one]),
      'trunk',
      'HEAD:refs/for/trunk',
    );
    const numbers = [...told.matchAll(/change (\d+)/g)].map((match) => Number(match[1]));
    if (numbers.length === 0) throw new Error(`no change was told of: ${told}`);
    return Math.max(...numbers);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
