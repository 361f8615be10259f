import type { Act } from '$lib/api/services';

/** What is to be done, and with which release where that is not the obvious one. */
export type Asked = { act: Act; number?: number };

type Words = { title: string; verb: string; about: string; done: string };

/** What a dialog says about an act before it is done, and afterwards. */
export function acting({ act, number }: Asked, service: string): Words {
  const release = number === undefined ? 'the release that was left' : `release ${number}`;
  const words: Record<Act, Words> = {
    promote: {
      title: `Promote ${release} of ${service}?`,
      verb: 'Promote',
      about: 'It takes all requests once it is well, without steps and without being judged.',
      done: `${service} goes to ${release}.`,
    },
    hold: {
      title: `Hold the deployment of ${service}?`,
      verb: 'Hold',
      about: 'It keeps its share of the requests until somebody decides.',
      done: `The deployment of ${service} is held.`,
    },
    resume: {
      title: `Let the deployment of ${service} go on?`,
      verb: 'Resume',
      about: 'It goes on where it was held, and the time of the step begins again.',
      done: `The deployment of ${service} goes on.`,
    },
    skip: {
      title: `Skip the rest of this step?`,
      verb: 'Skip',
      about: 'The next step begins at once, without waiting for time or answers.',
      done: `The deployment of ${service} is a step further.`,
    },
    pin: {
      title: `Pin ${service}?`,
      verb: 'Pin',
      about: 'No new release is taken until it is unpinned. What serves goes on serving.',
      done: `${service} is pinned.`,
    },
    unpin: {
      title: `Unpin ${service}?`,
      verb: 'Unpin',
      about: 'New releases are taken again, and the newest that was left out begins at once.',
      done: `${service} is not pinned any more.`,
    },
  };
  return words[act];
}
