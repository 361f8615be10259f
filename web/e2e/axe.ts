import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

type Violation = { id: string; nodes: { html: string; failureSummary: string }[] };

/** Runs axe on the page as it is and names each violation with its element. What `except` selects belongs to others. */
export async function expectAccessible(page: Page, except: string[] = []) {
  // The policy of the page forbids script elements; the debugger's evaluation is not one.
  await page.evaluate(axe);
  const violations = await page.evaluate(
    async ({ rules, exclude }) => {
      const { axe } = window as unknown as {
        axe: { run(context: object, options: object): Promise<{ violations: Violation[] }> };
      };
      const context = { include: [document], exclude: exclude.map((one) => [one]) };
      return (await axe.run(context, { runOnly: rules })).violations;
    },
    { rules: RULES, exclude: except },
  );
  const found = violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html}\n${node.failureSummary}`),
  );
  expect(found).toEqual([]);
}
