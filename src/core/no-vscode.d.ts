// What `vscode` resolves to inside the engine: nothing, so that using it is a compile error here.
export {};
