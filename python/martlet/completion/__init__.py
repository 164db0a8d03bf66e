"""What a word of a command line may become: for the completion of bash and zsh."""
