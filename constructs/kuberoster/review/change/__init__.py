"""What a change of the roster means: who gains and loses what."""
