/** Balsa run under virtual time and faults, and the judging of what its clients saw. */
package io.balsa.simulation;
