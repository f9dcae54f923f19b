/** What a host gives to a widget's script: anywidget's front-end module interface. */
export interface Model {
  get(name: string): any;
  set(name: string, value: any): void;
  save_changes(): void;
  on(name: string, heard: (...what: any[]) => void): void;
  off(name: string, heard?: ((...what: any[]) => void) | null): void;
  send(content: any, callbacks?: any, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  /** In JupyterLab and Notebook 7 it knows the notebook, as its ``context``. */
  widget_manager?: any;
}

/** What a widget's script gets to show the widgets that its own refers to. */
export interface Host {
  getWidget(ref: string): Promise<{ render(place: { el: HTMLElement; signal?: AbortSignal }): Promise<void> }>;
}

export interface Place {
  model: Model;
  el: HTMLElement;
  /** Aborted when the view is taken away. */
  signal: AbortSignal;
  host: Host;
}

/** The commands of JupyterLab or Notebook 7, where the server exposes them. */
declare global {
  interface Window {
    jupyterapp?: {
      commands: { execute(name: string, how?: any): Promise<any> };
      shell: { currentWidget: any };
    };
  }
}
