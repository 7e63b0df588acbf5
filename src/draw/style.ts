// How the map looks, for the panel and for SVG files alike. Every colour is a variable with a fallback that reads on light and on dark ground.

/** Style rules for everything below an element of class `eventscape`. */
export const MAP_STYLE = `
.eventscape text { font-family: var(--es-font, system-ui, -apple-system, "Segoe UI", sans-serif); fill: var(--es-text, #24292f); pointer-events: none; user-select: none; }
.eventscape .frame-box { fill: var(--es-frame, #f6f8fa); stroke: var(--es-frame-line, #d0d7de); }
.eventscape .title-name { font-size: 12px; font-weight: 600; fill: var(--es-muted, #57606a); }
.eventscape .title-plate { fill: var(--es-frame, #f6f8fa); }
.eventscape .title-fold { fill: none; stroke: var(--es-muted, #57606a); stroke-width: 1.3; stroke-linecap: round; stroke-linejoin: round; }
.eventscape .box { fill: var(--es-service, #ffffff); stroke: var(--es-service-line, #8c959f); stroke-width: 1.2; }
.eventscape .channel .box { fill: var(--es-channel, #ddf4ff); stroke: var(--es-channel-line, #4493d8); }
.eventscape .dead .box { fill: var(--es-dead, #fff4d6); stroke: var(--es-warning, #9a6700); }
.eventscape .group .box { fill: var(--es-service, #ffffff); stroke: var(--es-service-line, #8c959f); }
.eventscape .stack { fill: var(--es-frame, #f6f8fa); stroke: var(--es-frame-line, #d0d7de); }
.eventscape .name { font-size: 13px; font-weight: 600; }
.eventscape .channel .name { font-weight: 500; }
.eventscape .word { font-size: 10.5px; fill: var(--es-muted, #57606a); }
.eventscape .tag rect { fill: var(--es-frame, #f6f8fa); }
.eventscape .tag text { font-size: 10.5px; fill: var(--es-muted, #57606a); }
.eventscape .tag.orphan text { font-style: italic; fill: var(--es-info, #0969da); }
.eventscape .ring { fill: none; stroke: none; }
.eventscape .stroke { fill: none; stroke: var(--es-line, #8c959f); stroke-width: 1.3; }
.eventscape .tip { fill: var(--es-line, #8c959f); stroke: none; }
.eventscape .hit { fill: none; stroke: transparent; stroke-width: 12; pointer-events: stroke; }
.eventscape .sends .stroke, .eventscape .receives .stroke { stroke-dasharray: 5 3.5; }
.eventscape .inferred .stroke { stroke-dasharray: 1.5 3.5; stroke-linecap: round; }
.eventscape .dead-letters .stroke { stroke: var(--es-warning, #9a6700); stroke-dasharray: none; }
.eventscape .dead-letters .tip { fill: var(--es-warning, #9a6700); }
.eventscape .heat-0 .stroke { stroke: var(--es-heat-0, #2f81a8); stroke-width: 1.6; }
.eventscape .heat-1 .stroke { stroke: var(--es-heat-1, #3c8a4e); stroke-width: 1.9; }
.eventscape .heat-2 .stroke { stroke: var(--es-heat-2, #9a6700); stroke-width: 2.2; }
.eventscape .heat-3 .stroke { stroke: var(--es-heat-3, #bc4c00); stroke-width: 2.6; }
.eventscape .heat-4 .stroke { stroke: var(--es-heat-4, #cf222e); stroke-width: 3; }
.eventscape .heat-0 .tip { fill: var(--es-heat-0, #2f81a8); }
.eventscape .heat-1 .tip { fill: var(--es-heat-1, #3c8a4e); }
.eventscape .heat-2 .tip { fill: var(--es-heat-2, #9a6700); }
.eventscape .heat-3 .tip { fill: var(--es-heat-3, #bc4c00); }
.eventscape .heat-4 .tip { fill: var(--es-heat-4, #cf222e); }
.eventscape .tag.heat-3 text, .eventscape .tag.heat-4 text { fill: var(--es-heat-4, #cf222e); font-weight: 600; }
.eventscape .pill rect { fill: var(--es-ground, #ffffff); stroke: var(--es-frame-line, #d0d7de); }
.eventscape .pill text { font-size: 10px; fill: var(--es-muted, #57606a); }
.eventscape .pill.error rect { stroke: var(--es-error, #cf222e); }
.eventscape .pill.error text { fill: var(--es-error, #cf222e); font-weight: 600; }
.eventscape .pill.warning rect { stroke: var(--es-warning, #9a6700); }
.eventscape .pill.warning text { fill: var(--es-warning, #9a6700); font-weight: 600; }
.eventscape .pill.info rect { stroke: var(--es-info, #0969da); }
.eventscape .pill.info text { fill: var(--es-info, #0969da); }
.eventscape .pill.heat-0 rect { stroke: var(--es-heat-0, #2f81a8); }
.eventscape .pill.heat-1 rect { stroke: var(--es-heat-1, #3c8a4e); }
.eventscape .pill.heat-2 rect { stroke: var(--es-heat-2, #9a6700); }
.eventscape .pill.heat-3 rect { stroke: var(--es-heat-3, #bc4c00); }
.eventscape .pill.heat-4 rect { stroke: var(--es-heat-4, #cf222e); }
.eventscape .pill.timed text { fill: var(--es-text, #24292f); }
.eventscape .pill.bottleneck rect { stroke-width: 2; }
.eventscape .pill.bottleneck text { font-weight: 700; }
.eventscape .badge circle { stroke: var(--es-ground, #ffffff); stroke-width: 1.5; fill: var(--es-muted, #57606a); }
.eventscape .badge text { font-size: 10px; font-weight: 700; fill: var(--es-on-badge, #ffffff); }
.eventscape .badge.error circle { fill: var(--es-error, #cf222e); }
.eventscape .badge.warning circle { fill: var(--es-warning, #9a6700); }
.eventscape .badge.info circle { fill: var(--es-info, #0969da); }
.eventscape .badge.unresolved circle { fill: var(--es-ground, #ffffff); stroke: var(--es-warning, #9a6700); }
.eventscape .badge.unresolved text { fill: var(--es-warning, #9a6700); }
.eventscape .badge.added circle { fill: var(--es-added, #1a7f37); }
.eventscape .badge.removed circle { fill: var(--es-removed, #cf222e); }
.eventscape .badge.changed circle { fill: var(--es-changed, #8250df); }
.eventscape .node.change-added .box { stroke: var(--es-added, #1a7f37); stroke-width: 2; }
.eventscape .node.change-changed .box { stroke: var(--es-changed, #8250df); stroke-width: 2; }
.eventscape .node.change-removed .box { fill: none; stroke: var(--es-removed, #cf222e); stroke-dasharray: 4 3; }
.eventscape .node.change-removed .name { text-decoration: line-through; fill: var(--es-muted, #57606a); }
.eventscape .line.change-added .stroke { stroke: var(--es-added, #1a7f37); stroke-width: 2; }
.eventscape .line.change-added .tip { fill: var(--es-added, #1a7f37); }
.eventscape .line.change-changed .stroke { stroke: var(--es-changed, #8250df); stroke-width: 2; }
.eventscape .line.change-changed .tip { fill: var(--es-changed, #8250df); }
.eventscape .line.change-removed .stroke { stroke: var(--es-removed, #cf222e); stroke-dasharray: 2 4; opacity: 0.75; }
.eventscape .line.change-removed .tip { fill: var(--es-removed, #cf222e); opacity: 0.75; }
`;

/** The fallbacks' counterpart for dark ground, as custom properties: for files, which have no theme around them. */
export const DARK_COLOURS = `--es-text:#e6edf3;--es-muted:#9198a1;--es-ground:#0d1117;--es-frame:#151b23;--es-frame-line:#3d444d;--es-service:#212830;--es-service-line:#7d8590;--es-channel:#12263a;--es-channel-line:#4493f8;--es-dead:#2e2411;--es-line:#7d8590;--es-error:#f85149;--es-warning:#d29922;--es-info:#4493f8;--es-on-badge:#0d1117;--es-added:#3fb950;--es-removed:#f85149;--es-changed:#ab7df8;--es-heat-0:#56a8d0;--es-heat-1:#57ab5a;--es-heat-2:#d29922;--es-heat-3:#f0883e;--es-heat-4:#f85149`;
