package dev.outboard.transport.dpdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The conformance kit on {@code net_ring} in a process of its own, which is not root's. */
final class KitRun {
  /** Printed if each rule was tried and kept. */
  static final String KEPT = "each rule is kept: ";

  private KitRun() {}

  public static void main(String[] arguments) {
    if (Processes.isRoot()) {
      throw new IllegalStateException("this is root");
    }
    TestExecutionSummary summary = of(RingKitTest.WithVlansAndAQueueForEachWorker.class);
    summary.printFailuresTo(new PrintWriter(System.out, true, UTF_8), 1);
    long found = summary.getTestsFoundCount();
    System.out.println(
        found > 0 && summary.getTestsSucceededCount() == found
            ? KEPT + found
            : "%d of %d".formatted(summary.getTestsSucceededCount(), found));
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** Runs a kit in this process. */
  static TestExecutionSummary of(Class<?> kit) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(kit))
            .build(),
        listener);
    return listener.getSummary();
  }
}
