/** What holds for every notifier, whichever module it comes from. */
package dev.outboard.integration.notifier;
