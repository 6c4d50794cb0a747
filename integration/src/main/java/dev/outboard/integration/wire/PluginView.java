package dev.outboard.integration.wire;

/**
 * A plugin as the API shows it.
 *
 * @param name its folder's
 * @param state {@code loaded}; {@code refused}; {@code not-loaded}: a folder that nobody has asked
 *     to load since the daemon started; {@code at-next-start}: good, but of a kind that is chosen
 *     when the daemon starts
 * @param kind {@code transport}, {@code notifier} or {@code isolation}; empty if it is not known
 * @param provides the name that configurations use for what is in it, or empty
 * @param spiVersion the SPI version that it was built for, or empty
 * @param note why it was refused, or why it can't run here, or empty
 */
public record PluginView(
    String name, String state, String kind, String provides, String spiVersion, String note) {}
