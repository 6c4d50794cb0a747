/** Rules of the house that a compiler can't check: format, sizes, who may see whom. */
package dev.outboard.integration.house;
