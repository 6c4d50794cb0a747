/** How a new daemon takes the guests over from a running one: what they say to each other. */
package dev.outboard.integration.handover;
