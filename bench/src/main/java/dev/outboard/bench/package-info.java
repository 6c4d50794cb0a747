/** placeholder */
package dev.outboard.bench;
