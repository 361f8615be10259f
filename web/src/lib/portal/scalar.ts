import { createApiReference } from '@scalar/api-reference';
import '@scalar/api-reference/style.css';
import './scalar.css';
import type { OpenApiDocument } from '$lib/api/portal';
import { throughGateway } from './try-it';

export type ReferenceHandle = { destroy(): void };

/** Draws an OpenAPI document with its console to try it, which sends what the reader tries through the gateway and nothing else. */
export function showReference(host: HTMLElement, document: OpenApiDocument, dark: boolean): ReferenceHandle {
  const inner = host.ownerDocument.createElement('div');
  host.replaceChildren(inner);
  const app = createApiReference(inner, {
    content: document,
    theme: 'none',
    layout: 'modern',
    // Everything that would leave this machine or write to it is off.
    withDefaultFonts: false,
    telemetry: false,
    proxyUrl: '',
    customFetch: throughGateway,
    persistAuth: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    hideClientButton: true,
    documentDownloadType: 'none',
    // The console has its own switch of the theme.
    forceDarkModeState: dark ? 'dark' : 'light',
    hideDarkModeToggle: true,
    // Ctrl K is the command palette.
    searchHotKey: 'i',
    defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  });
  const watcher = new MutationObserver(() => nameButtons(host));
  watcher.observe(host, { childList: true, subtree: true });
  return {
    destroy() {
      watcher.disconnect();
      app.destroy();
      host.replaceChildren();
      host.ownerDocument.body.classList.remove('dark-mode', 'light-mode');
    },
  };
}

/** The buttons that copy an example show an icon only, and come without a name for screen readers. */
function nameButtons(host: HTMLElement) {
  for (const button of host.querySelectorAll('button.scalar-code-copy:not([aria-label])')) {
    button.setAttribute('aria-label', 'Copy the example');
  }
}
