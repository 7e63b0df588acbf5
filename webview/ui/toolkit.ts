// The only file that knows the component library (Webview UI Toolkit 1.4): the rest asks for a button, a field, a choice, and gets plain elements.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/** Registers the components that are in use. Call before the first one is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

export interface ButtonOptions {
  /** What is read aloud and shown as a tooltip; also the face of the button where there is no picture. */
  readonly label: string;
  readonly picture?: Node;
  /** `icon`: a bare picture; default `secondary`. */
  readonly look?: 'primary' | 'secondary' | 'icon';
  readonly onClick: () => void;
}

export function button({ label, picture, look = 'secondary', onClick }: ButtonOptions): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', look);
  if (picture) {
    element.setAttribute('aria-label', label);
    element.title = label;
    element.append(picture);
  } else element.textContent = label;
  element.addEventListener('click', onClick);
  return element;
}

export interface TextField {
  readonly element: HTMLElement;
  readonly value: () => string;
  readonly set: (text: string) => void;
  readonly focus: () => void;
}

/** `onInput` at each keystroke. */
export function textField(label: string, placeholder: string, onInput: (text: string) => void): TextField {
  const element = document.createElement('vscode-text-field');
  element.setAttribute('aria-label', label);
  element.setAttribute('placeholder', placeholder);
  const value = (): string => ('value' in element && typeof element.value === 'string' ? element.value : '');
  element.addEventListener('input', () => onInput(value()));
  return {
    element,
    value,
    set: (text) => {
      if (value() !== text) Object.assign(element, { value: text });
    },
    focus: () => {
      element.focus();
    },
  };
}

export interface Choice<T extends string> {
  readonly element: HTMLElement;
  readonly set: (value: T) => void;
}

export function choice<T extends string>(
  label: string,
  options: readonly { readonly value: T; readonly label: string }[],
  onChoose: (value: T) => void,
): Choice<T> {
  const element = document.createElement('vscode-dropdown');
  element.setAttribute('aria-label', label);
  element.title = label;
  for (const option of options) {
    const item = document.createElement('vscode-option');
    item.setAttribute('value', option.value);
    item.textContent = option.label;
    element.append(item);
  }
  element.addEventListener('change', () => {
    const chosen = options.find((option) => 'value' in element && option.value === element.value);
    if (chosen) onChoose(chosen.value);
  });
  return {
    element,
    set: (value) => {
      // Before the component is upgraded it has no value to compare with.
      if (!('value' in element) || element.value !== value) Object.assign(element, { value });
    },
  };
}

export function progressRing(label: string): HTMLElement {
  const element = document.createElement('vscode-progress-ring');
  element.setAttribute('aria-label', label);
  return element;
}
