/**
 * Plugins: code of third parties that joins while the sidecar starts or runs. A plugin is a folder
 * of jars with one provider; it sees the JDK and the SPI, nothing else of ours and nothing of other
 * plugins. Whatever is wrong with one becomes a line for the user.
 */
package dev.outboard.integration.plugins;
