/** The parameters of the page of types; what is absent is the default. */
export type TypesView = {
  /** Whether the form for a new type is open, and what name it begins with. */
  create?: boolean;
  name?: string;
};

export function typesLink({ create, name }: TypesView = {}): string {
  if (!create) return '/types';
  return `/types?${new URLSearchParams({ create: 'type', ...(name ? { name } : {}) })}`;
}

export function typeLink(name: string): string {
  return `/types/${encodeURIComponent(name)}`;
}

export function readTypesView(parameters: URLSearchParams): Required<TypesView> {
  return { create: parameters.get('create') === 'type', name: parameters.get('name') ?? '' };
}
