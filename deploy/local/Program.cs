Console.Error.WriteLine("Usage: cluster up|status|kill|stop|pause|resume|start|roll|logs|down [--dir DIR]");
return 2;
