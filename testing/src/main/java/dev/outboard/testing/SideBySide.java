package dev.outboard.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks a test class that mostly waits (for guests that boot, for tools that count seconds, for
 * deadlines) and may do so beside another such class: it asserts function, never speed, and touches
 * no namespace, device or file but its own. {@code ./check} runs these after all others, in two
 * Java machines.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("side-by-side")
public @interface SideBySide {}
