/** The configuration file: reading, checking, and the plan that comes out of it. */
package dev.outboard.integration.config;
