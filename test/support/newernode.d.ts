// Tests run on Node.js 20 and later, while the types are those of 18, so that src/ uses nothing that is newer.

interface ImportMeta {
  readonly dirname: string;
}

declare namespace NodeJS {
  interface Process {
    getActiveResourcesInfo(): string[];
  }
}
