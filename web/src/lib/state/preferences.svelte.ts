export type Theme = 'light' | 'dark' | 'system';
export type Zone = 'utc' | 'local';

const KEY = 'trunkline.preferences';

/** What a person chose for this browser. `static/theme.js` reads the same entry before the first paint. */
class Preferences {
  theme = $state<Theme>('system');
  zone = $state<Zone>('local');

  constructor() {
    const stored = read();
    if (stored.theme === 'light' || stored.theme === 'dark') this.theme = stored.theme;
    if (stored.zone === 'utc') this.zone = 'utc';
  }

  setTheme(theme: Theme) {
    this.theme = theme;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    this.#write();
  }

  setZone(zone: Zone) {
    this.zone = zone;
    this.#write();
  }

  #write() {
    try {
      localStorage.setItem(KEY, JSON.stringify({ theme: this.theme, zone: this.zone }));
    } catch {
      // Without storage the choice lasts as long as the tab.
    }
  }
}

function read(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export const preferences = new Preferences();
