/**
 * The second route of a command to the kernel: the control channel.
 *
 * A comm message waits in the shell channel until the running cell ends, unless the kernel has
 * subshells and uses them for this comm. The control channel has its own thread in every
 * kernel, so a command sent there is received while a cell blocks. Kernels that do not know comm messages
 * on it ignore them, and the request ID makes the duplicate harmless. The widget contract does not
 * guarantee any of this, so everything is checked and nothing may throw.
 *
 * A kernel in the browser (JupyterLite) has no such channel and takes one message at a time, and the running cell
 * is one. It listens to a broadcast channel of its origin instead, which other kernels do not use.
 */

import type { CommandMessage, Model } from "./wire.ts";

/** `widget/routes.py` has the same name. */
export const BROADCAST = "streamwidget-control";

interface KernelConnection {
  status?: string;
  clientId?: string;
  username?: string;
  sendControlMessage?(message: object, expectReply: boolean, disposeOnDone: boolean): unknown;
}

/** Sends `command` on the kernel's control channel; false if that is not possible. */
export function sendOnControlChannel(model: Model, command: CommandMessage): boolean {
  broadcast(command);
  try {
    const kernel = kernelOf(model);
    if (typeof kernel?.sendControlMessage !== "function") return false;
    kernel.sendControlMessage(commMessage(kernel, command), false, true);
    return true;
  } catch {
    return false; // the usual route was used as well, and it reports a lost kernel
  }
}

function broadcast(command: CommandMessage): void {
  try {
    const channel = new BroadcastChannel(BROADCAST);
    channel.postMessage({ comm_id: commIdOf(command.run_id), content: command });
    channel.close();
  } catch {
    // an opaque origin, as in a sandboxed frame, has none
  }
}

/** True if the kernel reports that it is running a cell, so that the usual route has to wait. */
export const kernelIsBusy = (model: Model): boolean => kernelOf(model)?.status === "busy";

/** anywidget hides the comm; a run id is `<model id>.<n>`, and the model id is the comm's. */
export const commIdOf = (runId: string): string => runId.slice(0, Math.max(0, runId.lastIndexOf(".")));

function kernelOf(model: Model): KernelConnection | null | undefined {
  return (model.widget_manager as { kernel?: KernelConnection | null } | undefined)?.kernel;
}

function commMessage(kernel: KernelConnection, command: CommandMessage): object {
  return {
    header: {
      msg_id: crypto.randomUUID?.() ?? command.request_id,
      msg_type: "comm_msg",
      session: kernel.clientId ?? "",
      username: kernel.username ?? "",
      date: new Date().toISOString(),
      version: "5.3",
    },
    parent_header: {},
    metadata: {},
    channel: "control",
    content: { comm_id: commIdOf(command.run_id), data: { method: "custom", content: command } },
    buffers: [],
  };
}
