// One bundle for every page: htmx with morph swaps, and our small modules.

import htmx from "htmx.org";
import "idiomorph/dist/idiomorph-ext.esm.js";

import "./commenting.js";
import "./counts.js";
import "./dialogs.js";
import "./fields.js";
import "./focus.js";
import "./inserting.js";
import "./lists.js";
import "./menus.js";
import "./morph.js";
import "./moving.js";
import "./picking.js";
import "./picklist.js";
import "./requests.js";
import "./rowmenu.js";
import "./theme.js";
import "./toasts.js";
import "./undo.js";

window.htmx = htmx;
