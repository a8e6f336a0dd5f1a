/** Signing in. The screen covers the desk and leaves it as it was, so that a session that ran out costs no text. */

import { ApiError } from "./api.js";
import { byId } from "./dom.js";

export class Login {
  /** @param {import("./api.js").Api} api @param {(agent: import("./types.js").Agent) => void} entered */
  constructor(api, entered) {
    this.api = api;
    this.entered = entered;
    byId("login-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** @param {string} lead @param {string} [username] */
  show(lead, username = "") {
    byId("login-lead").textContent = lead;
    byId("login-error").textContent = "";
    byId("login").hidden = false;
    byId("desk").hidden = true;
    document.body.dataset.screen = "login";
    if (username) byId("login-username").value = username;
    byId(username ? "login-password" : "login-username").focus();
  }

  hide() {
    byId("login").hidden = true;
    byId("desk").hidden = false;
    document.body.dataset.screen = "desk";
    byId("login-password").value = "";
  }

  get visible() {
    return !byId("login").hidden;
  }

  async #submit() {
    const submit = byId("login-form").querySelector("[type=submit]");
    submit.disabled = true;
    byId("login-error").textContent = "";
    try {
      const { agent } = await this.api.signIn(byId("login-username").value.trim(), byId("login-password").value);
      this.hide();
      this.entered(agent);
    } catch (error) {
      this.#refused(error);
    } finally {
      submit.disabled = false;
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    if (!(error instanceof ApiError)) throw error;
    byId("login-error").textContent = error.status === 401 ? "Username and password do not match." : `Signing in did not work. ${error.message}`;
    byId("login-password").select();
    byId("login-password").focus();
  }
}
