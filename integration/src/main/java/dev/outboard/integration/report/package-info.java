/**
 * Reports for people who were not there: a page of text, tables, plots and verdicts, written as one
 * HTML file that needs nothing else. Whoever measures builds a {@link Page}; nothing here knows
 * what was measured. Any thread.
 */
package dev.outboard.integration.report;
