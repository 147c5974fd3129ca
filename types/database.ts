export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  agent_data: {
    Tables: {
      [_ in never]: never;
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      [_ in never]: never;
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
  public: {
    Tables: {
      agent_datastores: {
        Row: {
          agent_id: string;
          created_at: string;
          datastore_id: string;
          is_active: boolean;
          organization_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          created_at?: string;
          datastore_id: string;
          is_active?: boolean;
          organization_id: string;
        };
        Update: {
          agent_id?: string;
          created_at?: string;
          datastore_id?: string;
          is_active?: boolean;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_datastores_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_datastores_datastore_id_fkey";
            columns: ["datastore_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "datastores";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      agent_integration_permissions: {
        Row: {
          agent_id: string;
          allowed_scopes: NonNullable<Json>;
          connection_id: string;
          created_at: string;
          expires_at: string | null;
          granted_by_user_id: string | null;
          id: string;
          is_active: boolean;
          organization_id: string;
          permission_level: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          allowed_scopes?: NonNullable<Json>;
          connection_id: string;
          created_at?: string;
          expires_at?: string | null;
          granted_by_user_id?: string | null;
          id?: string;
          is_active?: boolean;
          organization_id: string;
          permission_level?: string;
          updated_at?: string;
        };
        Update: {
          agent_id?: string;
          allowed_scopes?: NonNullable<Json>;
          connection_id?: string;
          created_at?: string;
          expires_at?: string | null;
          granted_by_user_id?: string | null;
          id?: string;
          is_active?: boolean;
          organization_id?: string;
          permission_level?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_integration_permissions_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_integration_permissions_connection_id_fkey";
            columns: ["connection_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "user_integration_credentials";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_integration_permissions_granted_by_user_id_fkey";
            columns: ["granted_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      agent_mcp_connections: {
        Row: {
          accepted_manifest_hash: string | null;
          agent_id: string;
          connection_name: string;
          created_at: string;
          created_by_user_id: string | null;
          failed_refreshes: number;
          id: string;
          is_active: boolean;
          last_error: string | null;
          manifest_changed_at: string | null;
          manifest_hash: string | null;
          next_refresh_at: string;
          organization_id: string;
          refresh_interval_minutes: number;
          refreshed_at: string | null;
          secret_id: string | null;
          server_info: Json | null;
          server_url: string;
          status: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_manifest_hash?: string | null;
          agent_id: string;
          connection_name: string;
          created_at?: string;
          created_by_user_id?: string | null;
          failed_refreshes?: number;
          id?: string;
          is_active?: boolean;
          last_error?: string | null;
          manifest_changed_at?: string | null;
          manifest_hash?: string | null;
          next_refresh_at?: string;
          organization_id: string;
          refresh_interval_minutes?: number;
          refreshed_at?: string | null;
          secret_id?: string | null;
          server_info?: Json | null;
          server_url: string;
          status?: string;
          updated_at?: string;
        };
        Update: {
          accepted_manifest_hash?: string | null;
          agent_id?: string;
          connection_name?: string;
          created_at?: string;
          created_by_user_id?: string | null;
          failed_refreshes?: number;
          id?: string;
          is_active?: boolean;
          last_error?: string | null;
          manifest_changed_at?: string | null;
          manifest_hash?: string | null;
          next_refresh_at?: string;
          organization_id?: string;
          refresh_interval_minutes?: number;
          refreshed_at?: string | null;
          secret_id?: string | null;
          server_info?: Json | null;
          server_url?: string;
          status?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_mcp_connections_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_mcp_connections_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_mcp_connections_created_by_user_id_organization_id_fkey";
            columns: ["created_by_user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
          {
            foreignKeyName: "agent_mcp_connections_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_mcp_connections_secret_id_fkey";
            columns: ["secret_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_secrets";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      agent_media_assignments: {
        Row: {
          agent_id: string;
          assigned_by_user_id: string | null;
          assignment_type: Database["public"]["Enums"]["assignment_type"];
          created_at: string;
          id: string;
          media_id: string;
          organization_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          assigned_by_user_id?: string | null;
          assignment_type?: Database["public"]["Enums"]["assignment_type"];
          created_at?: string;
          id?: string;
          media_id: string;
          organization_id: string;
        };
        Update: {
          agent_id?: string;
          assigned_by_user_id?: string | null;
          assignment_type?: Database["public"]["Enums"]["assignment_type"];
          created_at?: string;
          id?: string;
          media_id?: string;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_media_assignments_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_media_assignments_assigned_by_user_id_fkey";
            columns: ["assigned_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_media_assignments_media_id_fkey";
            columns: ["media_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "media_library";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      agent_memories: {
        Row: {
          agent_id: string;
          confidence: number;
          content: string;
          created_at: string;
          expires_at: string | null;
          fts: unknown;
          id: string;
          last_recalled_at: string | null;
          organization_id: string;
          source_message_id: string | null;
          updated_at: string;
          user_id: string | null;
          workspace_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          confidence?: number;
          content: string;
          created_at?: string;
          expires_at?: string | null;
          fts?: never;
          id?: string;
          last_recalled_at?: string | null;
          organization_id: string;
          source_message_id?: string | null;
          updated_at?: string;
          user_id?: string | null;
          workspace_id?: string | null;
        };
        Update: {
          agent_id?: string;
          confidence?: number;
          content?: string;
          created_at?: string;
          expires_at?: string | null;
          fts?: never;
          id?: string;
          last_recalled_at?: string | null;
          organization_id?: string;
          source_message_id?: string | null;
          updated_at?: string;
          user_id?: string | null;
          workspace_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_memories_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_memories_source_message_id_fkey";
            columns: ["source_message_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "chat_messages";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_memories_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_memories_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
          {
            foreignKeyName: "agent_memories_workspace_id_fkey";
            columns: ["workspace_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      agent_task_run_steps: {
        Row: {
          completion_tokens: number;
          cost_usd: number;
          created_at: string;
          error_message: string | null;
          execution_completed_at: string | null;
          execution_duration_ms: number | null;
          execution_started_at: string | null;
          id: string;
          include_previous_context: boolean;
          instructions: string;
          organization_id: string;
          prompt_tokens: number;
          result: Json | null;
          retry_count: number;
          run_id: string;
          status: Database["public"]["Enums"]["task_step_status"];
          step_name: string;
          step_order: number;
          task_step_id: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          completion_tokens?: number;
          cost_usd?: number;
          created_at?: string;
          error_message?: string | null;
          execution_completed_at?: string | null;
          execution_duration_ms?: number | null;
          execution_started_at?: string | null;
          id?: string;
          include_previous_context?: boolean;
          instructions: string;
          organization_id: string;
          prompt_tokens?: number;
          result?: Json | null;
          retry_count?: number;
          run_id: string;
          status?: Database["public"]["Enums"]["task_step_status"];
          step_name: string;
          step_order: number;
          task_step_id?: string | null;
          updated_at?: string;
        };
        Update: {
          completion_tokens?: number;
          cost_usd?: number;
          created_at?: string;
          error_message?: string | null;
          execution_completed_at?: string | null;
          execution_duration_ms?: number | null;
          execution_started_at?: string | null;
          id?: string;
          include_previous_context?: boolean;
          instructions?: string;
          organization_id?: string;
          prompt_tokens?: number;
          result?: Json | null;
          retry_count?: number;
          run_id?: string;
          status?: Database["public"]["Enums"]["task_step_status"];
          step_name?: string;
          step_order?: number;
          task_step_id?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_task_run_steps_run_id_fkey";
            columns: ["run_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_task_runs";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_task_run_steps_task_step_id_fkey";
            columns: ["task_step_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "task_steps";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      agent_task_runs: {
        Row: {
          agent_id: string | null;
          completed_at: string | null;
          completed_step_count: number;
          completion_tokens: number;
          correlation_id: string | null;
          cost_usd: number;
          created_at: string;
          duration_ms: number | null;
          enqueued_at: string | null;
          error_message: string | null;
          event_name: string | null;
          id: string;
          organization_id: string;
          payload: NonNullable<Json>;
          prompt_tokens: number;
          requested_by_user_id: string | null;
          retry_of_run_id: string | null;
          scheduled_for: string | null;
          started_at: string | null;
          status: string;
          step_count: number;
          task_id: string;
          trigger: string;
          updated_at: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          completed_at?: string | null;
          completed_step_count?: number;
          completion_tokens?: number;
          correlation_id?: string | null;
          cost_usd?: number;
          created_at?: string;
          duration_ms?: number | null;
          enqueued_at?: string | null;
          error_message?: string | null;
          event_name?: string | null;
          id?: string;
          organization_id: string;
          payload?: NonNullable<Json>;
          prompt_tokens?: number;
          requested_by_user_id?: string | null;
          retry_of_run_id?: string | null;
          scheduled_for?: string | null;
          started_at?: string | null;
          status?: string;
          step_count?: number;
          task_id: string;
          trigger: string;
          updated_at?: string;
          user_id?: string | null;
        };
        Update: {
          agent_id?: string | null;
          completed_at?: string | null;
          completed_step_count?: number;
          completion_tokens?: number;
          correlation_id?: string | null;
          cost_usd?: number;
          created_at?: string;
          duration_ms?: number | null;
          enqueued_at?: string | null;
          error_message?: string | null;
          event_name?: string | null;
          id?: string;
          organization_id?: string;
          payload?: NonNullable<Json>;
          prompt_tokens?: number;
          requested_by_user_id?: string | null;
          retry_of_run_id?: string | null;
          scheduled_for?: string | null;
          started_at?: string | null;
          status?: string;
          step_count?: number;
          task_id?: string;
          trigger?: string;
          updated_at?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_task_runs_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_task_runs_requested_by_user_id_fkey";
            columns: ["requested_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_task_runs_retry_of_run_id_fkey";
            columns: ["retry_of_run_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_task_runs";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_task_runs_task_id_fkey";
            columns: ["task_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_tasks";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_task_runs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      agent_tasks: {
        Row: {
          agent_id: string;
          created_at: string;
          cron_expression: string | null;
          description: string | null;
          end_date: string | null;
          event_name: string | null;
          id: string;
          instructions: string | null;
          is_multi_step: boolean;
          last_error: string | null;
          last_run_at: string | null;
          max_executions: number | null;
          misfire_policy: string;
          name: string;
          next_run_at: string | null;
          organization_id: string;
          overlap_policy: string;
          skipped_executions: number;
          start_date: string | null;
          status: Database["public"]["Enums"]["task_status"];
          step_count: number;
          target_conversation_id: string | null;
          task_type: Database["public"]["Enums"]["task_type"];
          timezone: string;
          total_executions: number;
          updated_at: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          created_at?: string;
          cron_expression?: string | null;
          description?: string | null;
          end_date?: string | null;
          event_name?: string | null;
          id?: string;
          instructions?: string | null;
          is_multi_step?: boolean;
          last_error?: string | null;
          last_run_at?: string | null;
          max_executions?: number | null;
          misfire_policy?: string;
          name: string;
          next_run_at?: string | null;
          organization_id: string;
          overlap_policy?: string;
          skipped_executions?: number;
          start_date?: string | null;
          status?: Database["public"]["Enums"]["task_status"];
          step_count?: number;
          target_conversation_id?: string | null;
          task_type?: Database["public"]["Enums"]["task_type"];
          timezone?: string;
          total_executions?: number;
          updated_at?: string;
          user_id?: string | null;
        };
        Update: {
          agent_id?: string;
          created_at?: string;
          cron_expression?: string | null;
          description?: string | null;
          end_date?: string | null;
          event_name?: string | null;
          id?: string;
          instructions?: string | null;
          is_multi_step?: boolean;
          last_error?: string | null;
          last_run_at?: string | null;
          max_executions?: number | null;
          misfire_policy?: string;
          name?: string;
          next_run_at?: string | null;
          organization_id?: string;
          overlap_policy?: string;
          skipped_executions?: number;
          start_date?: string | null;
          status?: Database["public"]["Enums"]["task_status"];
          step_count?: number;
          target_conversation_id?: string | null;
          task_type?: Database["public"]["Enums"]["task_type"];
          timezone?: string;
          total_executions?: number;
          updated_at?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_tasks_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_tasks_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_tasks_target_conversation_id_fkey";
            columns: ["target_conversation_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "chat_channels";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "agent_tasks_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_tasks_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
        ];
      };
      agents: {
        Row: {
          avatar_url: string | null;
          config: NonNullable<Json>;
          context_window_size: number;
          created_at: string;
          custom_code: string | null;
          description: string | null;
          id: string;
          instructions: string;
          is_active: boolean;
          max_tokens: number;
          model: string | null;
          name: string;
          organization_id: string;
          status: string;
          temperature: number | null;
          updated_at: string;
          user_id: string | null;
          visibility: Database["public"]["Enums"]["agent_visibility"];
        };
        ComputedFields: never;
        Insert: {
          avatar_url?: string | null;
          config?: NonNullable<Json>;
          context_window_size?: number;
          created_at?: string;
          custom_code?: string | null;
          description?: string | null;
          id?: string;
          instructions?: string;
          is_active?: boolean;
          max_tokens?: number;
          model?: string | null;
          name: string;
          organization_id?: string;
          status?: string;
          temperature?: number | null;
          updated_at?: string;
          user_id?: string | null;
          visibility?: Database["public"]["Enums"]["agent_visibility"];
        };
        Update: {
          avatar_url?: string | null;
          config?: NonNullable<Json>;
          context_window_size?: number;
          created_at?: string;
          custom_code?: string | null;
          description?: string | null;
          id?: string;
          instructions?: string;
          is_active?: boolean;
          max_tokens?: number;
          model?: string | null;
          name?: string;
          organization_id?: string;
          status?: string;
          temperature?: number | null;
          updated_at?: string;
          user_id?: string | null;
          visibility?: Database["public"]["Enums"]["agent_visibility"];
        };
        Relationships: [
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
        ];
      };
      ai_agent_tasks: {
        Row: {
          agent_id: string | null;
          channel_id: string | null;
          completed_at: string | null;
          completion_tokens: number;
          correlation_id: string | null;
          cost_usd: number;
          created_at: string;
          error_message: string | null;
          id: string;
          input_usd_per_million_tokens: number | null;
          is_abandoned: boolean;
          latency_ms: number | null;
          max_tokens: number;
          model: string;
          note: string | null;
          organization_id: string;
          output_usd_per_million_tokens: number | null;
          prompt_tokens: number;
          prompt_tokens_estimate: number;
          provider: string;
          reserved_cost_usd: number;
          retry_count: number;
          run_step_id: string | null;
          started_at: string;
          status: string;
          timeout_seconds: number;
          total_tokens: number;
          updated_at: string;
          usage_month: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          channel_id?: string | null;
          completed_at?: string | null;
          completion_tokens?: number;
          correlation_id?: string | null;
          cost_usd?: number;
          created_at?: string;
          error_message?: string | null;
          id?: string;
          input_usd_per_million_tokens?: number | null;
          is_abandoned?: boolean;
          latency_ms?: number | null;
          max_tokens?: number;
          model: string;
          note?: string | null;
          organization_id: string;
          output_usd_per_million_tokens?: number | null;
          prompt_tokens?: number;
          prompt_tokens_estimate?: number;
          provider: string;
          reserved_cost_usd?: number;
          retry_count?: number;
          run_step_id?: string | null;
          started_at?: string;
          status?: string;
          timeout_seconds?: number;
          total_tokens?: never;
          updated_at?: string;
          usage_month: string;
          user_id?: string | null;
        };
        Update: {
          agent_id?: string | null;
          channel_id?: string | null;
          completed_at?: string | null;
          completion_tokens?: number;
          correlation_id?: string | null;
          cost_usd?: number;
          created_at?: string;
          error_message?: string | null;
          id?: string;
          input_usd_per_million_tokens?: number | null;
          is_abandoned?: boolean;
          latency_ms?: number | null;
          max_tokens?: number;
          model?: string;
          note?: string | null;
          organization_id?: string;
          output_usd_per_million_tokens?: number | null;
          prompt_tokens?: number;
          prompt_tokens_estimate?: number;
          provider?: string;
          reserved_cost_usd?: number;
          retry_count?: number;
          run_step_id?: string | null;
          started_at?: string;
          status?: string;
          timeout_seconds?: number;
          total_tokens?: never;
          updated_at?: string;
          usage_month?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "ai_agent_tasks_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "ai_agent_tasks_channel_id_fkey";
            columns: ["channel_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "chat_channels";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "ai_agent_tasks_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_agent_tasks_run_step_id_fkey";
            columns: ["run_step_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_task_run_steps";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "ai_agent_tasks_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      ai_models: {
        Row: {
          context_window: number | null;
          created_at: string;
          display_name: string;
          id: string;
          input_usd_per_million_tokens: number | null;
          is_active: boolean;
          max_output_tokens: number | null;
          model: string;
          note: string | null;
          output_usd_per_million_tokens: number | null;
          provider: string;
          updated_at: string;
          vendor: string;
        };
        ComputedFields: never;
        Insert: {
          context_window?: number | null;
          created_at?: string;
          display_name: string;
          id?: string;
          input_usd_per_million_tokens?: number | null;
          is_active?: boolean;
          max_output_tokens?: number | null;
          model: string;
          note?: string | null;
          output_usd_per_million_tokens?: number | null;
          provider: string;
          updated_at?: string;
          vendor: string;
        };
        Update: {
          context_window?: number | null;
          created_at?: string;
          display_name?: string;
          id?: string;
          input_usd_per_million_tokens?: number | null;
          is_active?: boolean;
          max_output_tokens?: number | null;
          model?: string;
          note?: string | null;
          output_usd_per_million_tokens?: number | null;
          provider?: string;
          updated_at?: string;
          vendor?: string;
        };
        Relationships: [];
      };
      audit_archives: {
        Row: {
          byte_count: number;
          created_at: string;
          first_row_at: string;
          first_sequence: number;
          last_row_at: string;
          last_sequence: number;
          month: string;
          organization_id: string;
          part: number;
          path: string;
          row_count: number;
          seal_count: number;
          sha256: string;
        };
        ComputedFields: never;
        Insert: {
          byte_count: number;
          created_at?: string;
          first_row_at: string;
          first_sequence: number;
          last_row_at: string;
          last_sequence: number;
          month: string;
          organization_id: string;
          part: number;
          path: string;
          row_count: number;
          seal_count: number;
          sha256: string;
        };
        Update: {
          byte_count?: number;
          created_at?: string;
          first_row_at?: string;
          first_sequence?: number;
          last_row_at?: string;
          last_sequence?: number;
          month?: string;
          organization_id?: string;
          part?: number;
          path?: string;
          row_count?: number;
          seal_count?: number;
          sha256?: string;
        };
        Relationships: [
          {
            foreignKeyName: "audit_archives_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      audit_logs: {
        Row: {
          action: string;
          actor_id: string | null;
          actor_type: string;
          correlation_id: string | null;
          created_at: string;
          id: number;
          ip_address: unknown;
          new_values: Json | null;
          old_values: Json | null;
          organization_id: string;
          resource_id: string | null;
          resource_type: string;
          severity: string;
          user_agent: string | null;
        };
        ComputedFields: never;
        Insert: {
          action: string;
          actor_id?: string | null;
          actor_type: string;
          correlation_id?: string | null;
          created_at?: string;
          id?: never;
          ip_address?: unknown;
          new_values?: Json | null;
          old_values?: Json | null;
          organization_id: string;
          resource_id?: string | null;
          resource_type: string;
          severity?: string;
          user_agent?: string | null;
        };
        Update: {
          action?: string;
          actor_id?: string | null;
          actor_type?: string;
          correlation_id?: string | null;
          created_at?: string;
          id?: never;
          ip_address?: unknown;
          new_values?: Json | null;
          old_values?: Json | null;
          organization_id?: string;
          resource_id?: string | null;
          resource_type?: string;
          severity?: string;
          user_agent?: string | null;
        };
        Relationships: [];
      };
      audit_seals: {
        Row: {
          archive_path: string | null;
          archived_at: string | null;
          archived_fault: string | null;
          first_row_at: string;
          hash: string;
          last_row_at: string;
          month: string;
          organization_id: string;
          previous_hash: string | null;
          row_count: number;
          row_ids: number[];
          rows_hash: string;
          sealed_at: string;
          sequence: number;
        };
        ComputedFields: never;
        Insert: {
          archive_path?: string | null;
          archived_at?: string | null;
          archived_fault?: string | null;
          first_row_at: string;
          hash: string;
          last_row_at: string;
          month: string;
          organization_id: string;
          previous_hash?: string | null;
          row_count: number;
          row_ids: number[];
          rows_hash: string;
          sealed_at?: string;
          sequence: number;
        };
        Update: {
          archive_path?: string | null;
          archived_at?: string | null;
          archived_fault?: string | null;
          first_row_at?: string;
          hash?: string;
          last_row_at?: string;
          month?: string;
          organization_id?: string;
          previous_hash?: string | null;
          row_count?: number;
          row_ids?: number[];
          rows_hash?: string;
          sealed_at?: string;
          sequence?: number;
        };
        Relationships: [
          {
            foreignKeyName: "audit_seals_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      chat_channels: {
        Row: {
          agent_id: string | null;
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          is_public: boolean;
          name: string;
          organization_id: string;
          updated_at: string;
          workspace_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          created_at?: string;
          created_by_user_id?: string | null;
          description?: string | null;
          id?: string;
          is_public?: boolean;
          name: string;
          organization_id: string;
          updated_at?: string;
          workspace_id: string;
        };
        Update: {
          agent_id?: string | null;
          created_at?: string;
          created_by_user_id?: string | null;
          description?: string | null;
          id?: string;
          is_public?: boolean;
          name?: string;
          organization_id?: string;
          updated_at?: string;
          workspace_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "chat_channels_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "chat_channels_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_channels_workspace_id_fkey";
            columns: ["workspace_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      chat_messages: {
        Row: {
          agent_id: string | null;
          channel_id: string;
          content: string;
          created_at: string;
          id: string;
          message_type: Database["public"]["Enums"]["message_type"];
          metadata: NonNullable<Json>;
          organization_id: string;
          updated_at: string;
          user_id: string | null;
          workspace_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          channel_id: string;
          content: string;
          created_at?: string;
          id?: string;
          message_type?: Database["public"]["Enums"]["message_type"];
          metadata?: NonNullable<Json>;
          organization_id: string;
          updated_at?: string;
          user_id?: string | null;
          workspace_id: string;
        };
        Update: {
          agent_id?: string | null;
          channel_id?: string;
          content?: string;
          created_at?: string;
          id?: string;
          message_type?: Database["public"]["Enums"]["message_type"];
          metadata?: NonNullable<Json>;
          organization_id?: string;
          updated_at?: string;
          user_id?: string | null;
          workspace_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "chat_messages_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "chat_messages_channel_id_fkey";
            columns: ["channel_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "chat_channels";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "chat_messages_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      datastores: {
        Row: {
          config: NonNullable<Json>;
          created_at: string;
          created_by_user_id: string | null;
          id: string;
          is_active: boolean;
          last_error: string | null;
          last_synced_at: string | null;
          name: string;
          organization_id: string;
          place: string | null;
          status: string;
          type: Database["public"]["Enums"]["datastore_type"];
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          config?: NonNullable<Json>;
          created_at?: string;
          created_by_user_id?: string | null;
          id?: string;
          is_active?: boolean;
          last_error?: string | null;
          last_synced_at?: string | null;
          name: string;
          organization_id?: string;
          place?: never;
          status?: string;
          type: Database["public"]["Enums"]["datastore_type"];
          updated_at?: string;
        };
        Update: {
          config?: NonNullable<Json>;
          created_at?: string;
          created_by_user_id?: string | null;
          id?: string;
          is_active?: boolean;
          last_error?: string | null;
          last_synced_at?: string | null;
          name?: string;
          organization_id?: string;
          place?: never;
          status?: string;
          type?: Database["public"]["Enums"]["datastore_type"];
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "datastores_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "datastores_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      external_connections: {
        Row: {
          config: NonNullable<Json>;
          connection_id: string | null;
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          is_active: boolean;
          name: string;
          organization_id: string;
          updated_at: string;
          workspace_id: string;
        };
        ComputedFields: never;
        Insert: {
          config?: NonNullable<Json>;
          connection_id?: string | null;
          created_at?: string;
          created_by_user_id?: string | null;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          name: string;
          organization_id: string;
          updated_at?: string;
          workspace_id: string;
        };
        Update: {
          config?: NonNullable<Json>;
          connection_id?: string | null;
          created_at?: string;
          created_by_user_id?: string | null;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          name?: string;
          organization_id?: string;
          updated_at?: string;
          workspace_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "external_connections_connection_id_fkey";
            columns: ["connection_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "user_integration_credentials";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "external_connections_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "external_connections_created_by_user_id_organization_id_fkey";
            columns: ["created_by_user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
          {
            foreignKeyName: "external_connections_workspace_id_fkey";
            columns: ["workspace_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      industry_templates: {
        Row: {
          audit_retention_months: number;
          color: string;
          created_at: string;
          description: string;
          display_name: string;
          icon: string;
          industry: string;
          settings: NonNullable<Json>;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          audit_retention_months?: number;
          color: string;
          created_at?: string;
          description: string;
          display_name: string;
          icon: string;
          industry: string;
          settings?: NonNullable<Json>;
          updated_at?: string;
        };
        Update: {
          audit_retention_months?: number;
          color?: string;
          created_at?: string;
          description?: string;
          display_name?: string;
          icon?: string;
          industry?: string;
          settings?: NonNullable<Json>;
          updated_at?: string;
        };
        Relationships: [];
      };
      integration_capabilities: {
        Row: {
          capability_key: string;
          created_at: string;
          description: string;
          display_label: string;
          display_order: number;
          effect: string;
          id: string;
          input_schema: NonNullable<Json>;
          integration_id: string;
          required_scopes: NonNullable<Json>;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          capability_key: string;
          created_at?: string;
          description: string;
          display_label: string;
          display_order?: number;
          effect: string;
          id?: string;
          input_schema: NonNullable<Json>;
          integration_id: string;
          required_scopes?: NonNullable<Json>;
          updated_at?: string;
        };
        Update: {
          capability_key?: string;
          created_at?: string;
          description?: string;
          display_label?: string;
          display_order?: number;
          effect?: string;
          id?: string;
          input_schema?: NonNullable<Json>;
          integration_id?: string;
          required_scopes?: NonNullable<Json>;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "integration_capabilities_integration_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["id"];
          },
        ];
      };
      mcp_tools_cache: {
        Row: {
          accepted_hash: string | null;
          agent_id: string;
          connection_id: string;
          created_at: string;
          description: string;
          id: string;
          is_accepted: boolean;
          last_updated: string;
          openai_name: string;
          openai_schema: NonNullable<Json>;
          organization_id: string;
          schema_hash: string;
          tool_name: string;
          tool_schema: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          accepted_hash?: string | null;
          agent_id: string;
          connection_id: string;
          created_at?: string;
          description?: string;
          id?: string;
          is_accepted?: never;
          last_updated?: string;
          openai_name?: never;
          openai_schema: NonNullable<Json>;
          organization_id: string;
          schema_hash: string;
          tool_name: string;
          tool_schema: NonNullable<Json>;
        };
        Update: {
          accepted_hash?: string | null;
          agent_id?: string;
          connection_id?: string;
          created_at?: string;
          description?: string;
          id?: string;
          is_accepted?: never;
          last_updated?: string;
          openai_name?: never;
          openai_schema?: NonNullable<Json>;
          organization_id?: string;
          schema_hash?: string;
          tool_name?: string;
          tool_schema?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "mcp_tools_cache_connection_id_agent_id_fkey";
            columns: ["connection_id", "agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_mcp_connections";
            referencedColumns: ["id", "agent_id", "organization_id"];
          },
          {
            foreignKeyName: "mcp_tools_cache_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      media_chunks: {
        Row: {
          char_end: number;
          char_start: number;
          chunk_index: number;
          content: string;
          content_hash: string;
          created_at: string;
          fts: unknown;
          generation: number;
          heading_path: string[];
          id: string;
          language: string;
          media_id: string;
          metadata: NonNullable<Json>;
          organization_id: string;
          page: number | null;
          page_end: number | null;
          tokens: number;
        };
        ComputedFields: never;
        Insert: {
          char_end: number;
          char_start: number;
          chunk_index: number;
          content: string;
          content_hash: string;
          created_at?: string;
          fts?: never;
          generation: number;
          heading_path?: string[];
          id?: string;
          language?: string;
          media_id: string;
          metadata?: NonNullable<Json>;
          organization_id: string;
          page?: number | null;
          page_end?: number | null;
          tokens: number;
        };
        Update: {
          char_end?: number;
          char_start?: number;
          chunk_index?: number;
          content?: string;
          content_hash?: string;
          created_at?: string;
          fts?: never;
          generation?: number;
          heading_path?: string[];
          id?: string;
          language?: string;
          media_id?: string;
          metadata?: NonNullable<Json>;
          organization_id?: string;
          page?: number | null;
          page_end?: number | null;
          tokens?: number;
        };
        Relationships: [
          {
            foreignKeyName: "media_chunks_media_id_fkey";
            columns: ["media_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "media_library";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "media_chunks_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      media_library: {
        Row: {
          archived_at: string | null;
          assigned_agents_count: number;
          bucket: string;
          category: string | null;
          checksum: string | null;
          chunk_count: number;
          created_at: string;
          description: string | null;
          display_name: string;
          duplicate_of_media_id: string | null;
          embedding_dimensions: number | null;
          embedding_model: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url: string | null;
          generation: number;
          id: string;
          is_archived: boolean;
          language: string | null;
          object_version: string | null;
          organization_id: string;
          page_count: number | null;
          processed_at: string | null;
          processing_error: string | null;
          processing_percent: number;
          processing_status: Database["public"]["Enums"]["processing_status"];
          status_before_archive: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags: string[];
          updated_at: string;
          upload_expires_at: string | null;
          uploaded_at: string | null;
          user_id: string | null;
          visibility: string;
        };
        ComputedFields: never;
        Insert: {
          archived_at?: string | null;
          assigned_agents_count?: number;
          bucket?: string;
          category?: string | null;
          checksum?: string | null;
          chunk_count?: number;
          created_at?: string;
          description?: string | null;
          display_name: string;
          duplicate_of_media_id?: string | null;
          embedding_dimensions?: number | null;
          embedding_model?: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url?: never;
          generation?: number;
          id?: string;
          is_archived?: boolean;
          language?: string | null;
          object_version?: string | null;
          organization_id?: string;
          page_count?: number | null;
          processed_at?: string | null;
          processing_error?: string | null;
          processing_percent?: number;
          processing_status?: Database["public"]["Enums"]["processing_status"];
          status_before_archive?: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags?: string[];
          updated_at?: string;
          upload_expires_at?: string | null;
          uploaded_at?: string | null;
          user_id?: string | null;
          visibility?: string;
        };
        Update: {
          archived_at?: string | null;
          assigned_agents_count?: number;
          bucket?: string;
          category?: string | null;
          checksum?: string | null;
          chunk_count?: number;
          created_at?: string;
          description?: string | null;
          display_name?: string;
          duplicate_of_media_id?: string | null;
          embedding_dimensions?: number | null;
          embedding_model?: string | null;
          file_name?: string;
          file_size?: number;
          file_type?: string;
          file_url?: never;
          generation?: number;
          id?: string;
          is_archived?: boolean;
          language?: string | null;
          object_version?: string | null;
          organization_id?: string;
          page_count?: number | null;
          processed_at?: string | null;
          processing_error?: string | null;
          processing_percent?: number;
          processing_status?: Database["public"]["Enums"]["processing_status"];
          status_before_archive?: Database["public"]["Enums"]["processing_status"] | null;
          storage_path?: string;
          tags?: string[];
          updated_at?: string;
          upload_expires_at?: string | null;
          uploaded_at?: string | null;
          user_id?: string | null;
          visibility?: string;
        };
        Relationships: [
          {
            foreignKeyName: "media_library_duplicate_of_media_id_fkey";
            columns: ["duplicate_of_media_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "media_library";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "media_library_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "media_library_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "media_library_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
        ];
      };
      media_processing_logs: {
        Row: {
          created_at: string;
          details: NonNullable<Json>;
          duration_ms: number | null;
          generation: number;
          id: string;
          media_id: string;
          organization_id: string;
          processing_step: string;
          status: Database["public"]["Enums"]["processing_log_status"];
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          details?: NonNullable<Json>;
          duration_ms?: number | null;
          generation: number;
          id?: string;
          media_id: string;
          organization_id: string;
          processing_step: string;
          status: Database["public"]["Enums"]["processing_log_status"];
        };
        Update: {
          created_at?: string;
          details?: NonNullable<Json>;
          duration_ms?: number | null;
          generation?: number;
          id?: string;
          media_id?: string;
          organization_id?: string;
          processing_step?: string;
          status?: Database["public"]["Enums"]["processing_log_status"];
        };
        Relationships: [
          {
            foreignKeyName: "media_processing_logs_media_id_fkey";
            columns: ["media_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "media_library";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "media_processing_logs_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      organization_invitations: {
        Row: {
          accepted_by_user_id: string | null;
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by_user_id: string | null;
          organization_id: string;
          responded_at: string | null;
          role_id: string;
          sent_at: string;
          status: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_by_user_id?: string | null;
          created_at?: string;
          email: string;
          expires_at?: string;
          id?: string;
          invited_by_user_id?: string | null;
          organization_id: string;
          responded_at?: string | null;
          role_id: string;
          sent_at?: string;
          status?: string;
          updated_at?: string;
        };
        Update: {
          accepted_by_user_id?: string | null;
          created_at?: string;
          email?: string;
          expires_at?: string;
          id?: string;
          invited_by_user_id?: string | null;
          organization_id?: string;
          responded_at?: string | null;
          role_id?: string;
          sent_at?: string;
          status?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_invitations_accepted_by_user_id_fkey";
            columns: ["accepted_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_invited_by_user_id_fkey";
            columns: ["invited_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_role_id_fkey";
            columns: ["role_id"];
            isOneToOne: false;
            referencedRelation: "roles";
            referencedColumns: ["id"];
          },
        ];
      };
      organization_members: {
        Row: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          custom_permissions?: NonNullable<Json>;
          id?: string;
          invited_by_user_id?: string | null;
          joined_at?: string | null;
          organization_id: string;
          permissions?: string[];
          role_id: string;
          status?: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          custom_permissions?: NonNullable<Json>;
          id?: string;
          invited_by_user_id?: string | null;
          joined_at?: string | null;
          organization_id?: string;
          permissions?: string[];
          role_id?: string;
          status?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_members_invited_by_user_id_fkey";
            columns: ["invited_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_role_id_fkey";
            columns: ["role_id"];
            isOneToOne: false;
            referencedRelation: "roles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      organization_quotas: {
        Row: {
          audit_retention_months: number;
          created_at: string;
          jobs_in_flight_limit: number | null;
          monthly_model_cost_limit_usd: number | null;
          organization_id: string;
          requests_per_minute_limit: number | null;
          rows_limit: number | null;
          storage_bytes_limit: number | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          audit_retention_months?: number;
          created_at?: string;
          jobs_in_flight_limit?: number | null;
          monthly_model_cost_limit_usd?: number | null;
          organization_id: string;
          requests_per_minute_limit?: number | null;
          rows_limit?: number | null;
          storage_bytes_limit?: number | null;
          updated_at?: string;
        };
        Update: {
          audit_retention_months?: number;
          created_at?: string;
          jobs_in_flight_limit?: number | null;
          monthly_model_cost_limit_usd?: number | null;
          organization_id?: string;
          requests_per_minute_limit?: number | null;
          rows_limit?: number | null;
          storage_bytes_limit?: number | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_quotas_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: true;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      organization_secrets: {
        Row: {
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          last_used_at: string | null;
          name: string;
          organization_id: string;
          rotated_at: string | null;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by_user_id?: string | null;
          description?: string | null;
          id?: string;
          last_used_at?: string | null;
          name: string;
          organization_id: string;
          rotated_at?: string | null;
          updated_at?: string;
          version?: number;
        };
        Update: {
          created_at?: string;
          created_by_user_id?: string | null;
          description?: string | null;
          id?: string;
          last_used_at?: string | null;
          name?: string;
          organization_id?: string;
          rotated_at?: string | null;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "organization_secrets_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_secrets_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      organization_transfers: {
        Row: {
          archive_bytes: number | null;
          archive_path: string | null;
          archive_sha256: string | null;
          completed_at: string | null;
          created_at: string;
          current_table: string | null;
          error_message: string | null;
          expires_at: string | null;
          id: string;
          kind: string;
          name: string | null;
          organization_id: string | null;
          progress_percent: number;
          requested_by_user_id: string | null;
          result: Json | null;
          slug: string | null;
          started_at: string | null;
          status: string;
          tables: NonNullable<Json>;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          archive_bytes?: number | null;
          archive_path?: string | null;
          archive_sha256?: string | null;
          completed_at?: string | null;
          created_at?: string;
          current_table?: string | null;
          error_message?: string | null;
          expires_at?: string | null;
          id?: string;
          kind: string;
          name?: string | null;
          organization_id?: string | null;
          progress_percent?: number;
          requested_by_user_id?: string | null;
          result?: Json | null;
          slug?: string | null;
          started_at?: string | null;
          status?: string;
          tables?: NonNullable<Json>;
          updated_at?: string;
        };
        Update: {
          archive_bytes?: number | null;
          archive_path?: string | null;
          archive_sha256?: string | null;
          completed_at?: string | null;
          created_at?: string;
          current_table?: string | null;
          error_message?: string | null;
          expires_at?: string | null;
          id?: string;
          kind?: string;
          name?: string | null;
          organization_id?: string | null;
          progress_percent?: number;
          requested_by_user_id?: string | null;
          result?: Json | null;
          slug?: string | null;
          started_at?: string | null;
          status?: string;
          tables?: NonNullable<Json>;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_transfers_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_transfers_requested_by_user_id_fkey";
            columns: ["requested_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      organization_usage_days: {
        Row: {
          created_at: string;
          day: string;
          measured_at: string | null;
          model_call_count: number;
          model_cost_usd: number;
          organization_id: string;
          peak_jobs_in_flight: number;
          request_count: number;
          row_count: number | null;
          storage_bytes: number | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          day: string;
          measured_at?: string | null;
          model_call_count?: number;
          model_cost_usd?: number;
          organization_id: string;
          peak_jobs_in_flight?: number;
          request_count?: number;
          row_count?: number | null;
          storage_bytes?: number | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          day?: string;
          measured_at?: string | null;
          model_call_count?: number;
          model_cost_usd?: number;
          organization_id?: string;
          peak_jobs_in_flight?: number;
          request_count?: number;
          row_count?: number | null;
          storage_bytes?: number | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_usage_days_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      organizations: {
        Row: {
          color: string | null;
          created_at: string;
          created_by_user_id: string | null;
          deletion_due_at: string | null;
          deletion_requested_by_user_id: string | null;
          icon: string | null;
          id: string;
          industry: string | null;
          is_personal: boolean;
          name: string;
          owner_email: string | null;
          plan: string;
          settings: NonNullable<Json>;
          slug: string;
          specification: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          color?: string | null;
          created_at?: string;
          created_by_user_id?: string | null;
          deletion_due_at?: string | null;
          deletion_requested_by_user_id?: string | null;
          icon?: string | null;
          id?: string;
          industry?: string | null;
          is_personal?: boolean;
          name: string;
          owner_email?: string | null;
          plan?: string;
          settings?: NonNullable<Json>;
          slug: string;
          specification?: string | null;
          updated_at?: string;
        };
        Update: {
          color?: string | null;
          created_at?: string;
          created_by_user_id?: string | null;
          deletion_due_at?: string | null;
          deletion_requested_by_user_id?: string | null;
          icon?: string | null;
          id?: string;
          industry?: string | null;
          is_personal?: boolean;
          name?: string;
          owner_email?: string | null;
          plan?: string;
          settings?: NonNullable<Json>;
          slug?: string;
          specification?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organizations_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organizations_deletion_requested_by_user_id_fkey";
            columns: ["deletion_requested_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      permissions: {
        Row: {
          created_at: string;
          description: string;
          key: string;
          workspace_roles: Database["public"]["Enums"]["workspace_member_role"][];
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          description: string;
          key: string;
          workspace_roles?: Database["public"]["Enums"]["workspace_member_role"][];
        };
        Update: {
          created_at?: string;
          description?: string;
          key?: string;
          workspace_roles?: Database["public"]["Enums"]["workspace_member_role"][];
        };
        Relationships: [];
      };
      personal_data_exports: {
        Row: {
          archive_bytes: number | null;
          archive_path: string | null;
          archive_sha256: string | null;
          completed_at: string | null;
          created_at: string;
          current_table: string | null;
          error_message: string | null;
          expires_at: string | null;
          id: string;
          progress_percent: number;
          started_at: string | null;
          status: string;
          tables: NonNullable<Json>;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          archive_bytes?: number | null;
          archive_path?: string | null;
          archive_sha256?: string | null;
          completed_at?: string | null;
          created_at?: string;
          current_table?: string | null;
          error_message?: string | null;
          expires_at?: string | null;
          id?: string;
          progress_percent?: number;
          started_at?: string | null;
          status?: string;
          tables?: NonNullable<Json>;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          archive_bytes?: number | null;
          archive_path?: string | null;
          archive_sha256?: string | null;
          completed_at?: string | null;
          created_at?: string;
          current_table?: string | null;
          error_message?: string | null;
          expires_at?: string | null;
          id?: string;
          progress_percent?: number;
          started_at?: string | null;
          status?: string;
          tables?: NonNullable<Json>;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "personal_data_exports_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      profiles: {
        Row: {
          avatar_url: string | null;
          created_at: string;
          full_name: string | null;
          id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          avatar_url?: string | null;
          created_at?: string;
          full_name?: string | null;
          id: string;
          updated_at?: string;
        };
        Update: {
          avatar_url?: string | null;
          created_at?: string;
          full_name?: string | null;
          id?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      role_permissions: {
        Row: {
          created_at: string;
          organization_id: string | null;
          permission_key: string;
          role_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          organization_id?: string | null;
          permission_key: string;
          role_id: string;
        };
        Update: {
          created_at?: string;
          organization_id?: string | null;
          permission_key?: string;
          role_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "role_permissions_permission_key_fkey";
            columns: ["permission_key"];
            isOneToOne: false;
            referencedRelation: "permissions";
            referencedColumns: ["key"];
          },
          {
            foreignKeyName: "role_permissions_role_id_fkey";
            columns: ["role_id"];
            isOneToOne: false;
            referencedRelation: "roles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "role_permissions_role_id_organization_id_fkey";
            columns: ["role_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "roles";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      roles: {
        Row: {
          created_at: string;
          description: string | null;
          display_name: string;
          id: string;
          name: string;
          organization_id: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          description?: string | null;
          display_name: string;
          id?: string;
          name: string;
          organization_id?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          description?: string | null;
          display_name?: string;
          id?: string;
          name?: string;
          organization_id?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "roles_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      service_providers: {
        Row: {
          authorization_endpoint: string | null;
          configuration_metadata: NonNullable<Json>;
          created_at: string;
          display_name: string;
          id: string;
          is_active: boolean;
          name: string;
          provider_type: Database["public"]["Enums"]["provider_type"];
          revocation_endpoint: string | null;
          scopes_supported: NonNullable<Json>;
          token_endpoint: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          authorization_endpoint?: string | null;
          configuration_metadata?: NonNullable<Json>;
          created_at?: string;
          display_name: string;
          id?: string;
          is_active?: boolean;
          name: string;
          provider_type: Database["public"]["Enums"]["provider_type"];
          revocation_endpoint?: string | null;
          scopes_supported?: NonNullable<Json>;
          token_endpoint?: string | null;
          updated_at?: string;
        };
        Update: {
          authorization_endpoint?: string | null;
          configuration_metadata?: NonNullable<Json>;
          created_at?: string;
          display_name?: string;
          id?: string;
          is_active?: boolean;
          name?: string;
          provider_type?: Database["public"]["Enums"]["provider_type"];
          revocation_endpoint?: string | null;
          scopes_supported?: NonNullable<Json>;
          token_endpoint?: string | null;
          updated_at?: string;
        };
        Relationships: [];
      };
      task_steps: {
        Row: {
          created_at: string;
          error_message: string | null;
          execution_completed_at: string | null;
          execution_duration_ms: number | null;
          execution_result: Json | null;
          execution_started_at: string | null;
          id: string;
          include_previous_context: boolean;
          instructions: string;
          organization_id: string;
          retry_count: number;
          status: Database["public"]["Enums"]["task_step_status"];
          step_name: string;
          step_order: number;
          task_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          error_message?: string | null;
          execution_completed_at?: string | null;
          execution_duration_ms?: number | null;
          execution_result?: Json | null;
          execution_started_at?: string | null;
          id?: string;
          include_previous_context?: boolean;
          instructions: string;
          organization_id: string;
          retry_count?: number;
          status?: Database["public"]["Enums"]["task_step_status"];
          step_name: string;
          step_order: number;
          task_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          error_message?: string | null;
          execution_completed_at?: string | null;
          execution_duration_ms?: number | null;
          execution_result?: Json | null;
          execution_started_at?: string | null;
          id?: string;
          include_previous_context?: boolean;
          instructions?: string;
          organization_id?: string;
          retry_count?: number;
          status?: Database["public"]["Enums"]["task_step_status"];
          step_name?: string;
          step_order?: number;
          task_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "task_steps_task_id_fkey";
            columns: ["task_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_tasks";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      team_canvas_layouts: {
        Row: {
          connections: NonNullable<Json>;
          created_at: string;
          id: string;
          organization_id: string;
          positions: NonNullable<Json>;
          updated_at: string;
          user_id: string;
          version: number;
          view_settings: NonNullable<Json>;
          workspace_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          connections?: NonNullable<Json>;
          created_at?: string;
          id?: string;
          organization_id?: string;
          positions?: NonNullable<Json>;
          updated_at?: string;
          user_id?: string;
          version?: number;
          view_settings?: NonNullable<Json>;
          workspace_id?: string | null;
        };
        Update: {
          connections?: NonNullable<Json>;
          created_at?: string;
          id?: string;
          organization_id?: string;
          positions?: NonNullable<Json>;
          updated_at?: string;
          user_id?: string;
          version?: number;
          view_settings?: NonNullable<Json>;
          workspace_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "team_canvas_layouts_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "team_canvas_layouts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "team_canvas_layouts_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
          {
            foreignKeyName: "team_canvas_layouts_workspace_id_fkey";
            columns: ["workspace_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      team_connections: {
        Row: {
          color: string | null;
          connection_type: Database["public"]["Enums"]["team_connection_type"];
          created_at: string;
          created_by_user_id: string | null;
          from_team_id: string;
          id: string;
          label: string | null;
          organization_id: string;
          style: string;
          to_team_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          color?: string | null;
          connection_type: Database["public"]["Enums"]["team_connection_type"];
          created_at?: string;
          created_by_user_id?: string | null;
          from_team_id: string;
          id?: string;
          label?: string | null;
          organization_id: string;
          style?: string;
          to_team_id: string;
          updated_at?: string;
        };
        Update: {
          color?: string | null;
          connection_type?: Database["public"]["Enums"]["team_connection_type"];
          created_at?: string;
          created_by_user_id?: string | null;
          from_team_id?: string;
          id?: string;
          label?: string | null;
          organization_id?: string;
          style?: string;
          to_team_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "team_connections_created_by_user_id_fkey";
            columns: ["created_by_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "team_connections_created_by_user_id_organization_id_fkey";
            columns: ["created_by_user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
          {
            foreignKeyName: "team_connections_from_team_id_fkey";
            columns: ["from_team_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "team_connections_to_team_id_fkey";
            columns: ["to_team_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      team_members: {
        Row: {
          agent_id: string;
          created_at: string;
          id: string;
          organization_id: string;
          reports_to_user: boolean;
          team_id: string;
          team_role: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          created_at?: string;
          id?: string;
          organization_id: string;
          reports_to_user?: boolean;
          team_id: string;
          team_role?: string;
          updated_at?: string;
        };
        Update: {
          agent_id?: string;
          created_at?: string;
          id?: string;
          organization_id?: string;
          reports_to_user?: boolean;
          team_id?: string;
          team_role?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "team_members_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "team_members_team_id_fkey";
            columns: ["team_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      teams: {
        Row: {
          created_at: string;
          description: string | null;
          id: string;
          name: string;
          organization_id: string;
          owner_user_id: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          description?: string | null;
          id?: string;
          name: string;
          organization_id?: string;
          owner_user_id?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          description?: string | null;
          id?: string;
          name?: string;
          organization_id?: string;
          owner_user_id?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "teams_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "teams_owner_user_id_fkey";
            columns: ["owner_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "teams_owner_user_id_organization_id_fkey";
            columns: ["owner_user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
        ];
      };
      tool_execution_logs: {
        Row: {
          agent_id: string | null;
          capability_key: string | null;
          channel_id: string | null;
          completed_at: string | null;
          connection_id: string | null;
          correlation_id: string | null;
          created_at: string;
          duration_ms: number | null;
          error: string | null;
          id: string;
          input: Json | null;
          is_personal: boolean;
          mcp_connection_id: string | null;
          organization_id: string;
          output: Json | null;
          run_step_id: string | null;
          status: string;
          tool_name: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          capability_key?: string | null;
          channel_id?: string | null;
          completed_at?: string | null;
          connection_id?: string | null;
          correlation_id?: string | null;
          created_at?: string;
          duration_ms?: number | null;
          error?: string | null;
          id?: string;
          input?: Json | null;
          is_personal?: boolean;
          mcp_connection_id?: string | null;
          organization_id: string;
          output?: Json | null;
          run_step_id?: string | null;
          status?: string;
          tool_name: string;
          user_id?: string | null;
        };
        Update: {
          agent_id?: string | null;
          capability_key?: string | null;
          channel_id?: string | null;
          completed_at?: string | null;
          connection_id?: string | null;
          correlation_id?: string | null;
          created_at?: string;
          duration_ms?: number | null;
          error?: string | null;
          id?: string;
          input?: Json | null;
          is_personal?: boolean;
          mcp_connection_id?: string | null;
          organization_id?: string;
          output?: Json | null;
          run_step_id?: string | null;
          status?: string;
          tool_name?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "tool_execution_logs_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "tool_execution_logs_channel_id_fkey";
            columns: ["channel_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "chat_channels";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "tool_execution_logs_connection_id_fkey";
            columns: ["connection_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "user_integration_credentials";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "tool_execution_logs_mcp_connection_id_fkey";
            columns: ["mcp_connection_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_mcp_connections";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "tool_execution_logs_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tool_execution_logs_run_step_id_fkey";
            columns: ["run_step_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agent_task_run_steps";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "tool_execution_logs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      user_integration_credentials: {
        Row: {
          account_id: string | null;
          account_name: string | null;
          connection_metadata: NonNullable<Json>;
          connection_name: string;
          connection_status: string;
          created_at: string;
          credential_type: Database["public"]["Enums"]["credential_type"];
          encrypted_access_token: string | null;
          encrypted_refresh_token: string | null;
          id: string;
          last_error: string | null;
          last_used_at: string | null;
          organization_id: string;
          scopes_granted: NonNullable<Json>;
          service_provider_id: string;
          token_expires_at: string | null;
          token_version: number;
          updated_at: string;
          user_id: string;
          vault_access_token_id: string | null;
          vault_refresh_token_id: string | null;
          visibility: string;
        };
        ComputedFields: never;
        Insert: {
          account_id?: string | null;
          account_name?: string | null;
          connection_metadata?: NonNullable<Json>;
          connection_name: string;
          connection_status?: string;
          created_at?: string;
          credential_type: Database["public"]["Enums"]["credential_type"];
          encrypted_access_token?: string | null;
          encrypted_refresh_token?: string | null;
          id?: string;
          last_error?: string | null;
          last_used_at?: string | null;
          organization_id: string;
          scopes_granted?: NonNullable<Json>;
          service_provider_id: string;
          token_expires_at?: string | null;
          token_version?: number;
          updated_at?: string;
          user_id: string;
          vault_access_token_id?: string | null;
          vault_refresh_token_id?: string | null;
          visibility?: string;
        };
        Update: {
          account_id?: string | null;
          account_name?: string | null;
          connection_metadata?: NonNullable<Json>;
          connection_name?: string;
          connection_status?: string;
          created_at?: string;
          credential_type?: Database["public"]["Enums"]["credential_type"];
          encrypted_access_token?: string | null;
          encrypted_refresh_token?: string | null;
          id?: string;
          last_error?: string | null;
          last_used_at?: string | null;
          organization_id?: string;
          scopes_granted?: NonNullable<Json>;
          service_provider_id?: string;
          token_expires_at?: string | null;
          token_version?: number;
          updated_at?: string;
          user_id?: string;
          vault_access_token_id?: string | null;
          vault_refresh_token_id?: string | null;
          visibility?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_integration_credentials_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_integration_credentials_service_provider_id_fkey";
            columns: ["service_provider_id"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_integration_credentials_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_integration_credentials_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
        ];
      };
      user_preferences: {
        Row: {
          created_at: string;
          current_organization_id: string | null;
          deletion_due_at: string | null;
          notification_settings: NonNullable<Json>;
          theme: string;
          timezone: string;
          ui_preferences: NonNullable<Json>;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          current_organization_id?: string | null;
          deletion_due_at?: string | null;
          notification_settings?: NonNullable<Json>;
          theme?: string;
          timezone?: string;
          ui_preferences?: NonNullable<Json>;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          current_organization_id?: string | null;
          deletion_due_at?: string | null;
          notification_settings?: NonNullable<Json>;
          theme?: string;
          timezone?: string;
          ui_preferences?: NonNullable<Json>;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_preferences_current_organization_id_fkey";
            columns: ["current_organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      workspace_members: {
        Row: {
          agent_id: string | null;
          created_at: string;
          id: string;
          joined_at: string;
          organization_id: string;
          role: Database["public"]["Enums"]["workspace_member_role"];
          team_id: string | null;
          updated_at: string;
          user_id: string | null;
          workspace_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          created_at?: string;
          id?: string;
          joined_at?: string;
          organization_id: string;
          role?: Database["public"]["Enums"]["workspace_member_role"];
          team_id?: string | null;
          updated_at?: string;
          user_id?: string | null;
          workspace_id: string;
        };
        Update: {
          agent_id?: string | null;
          created_at?: string;
          id?: string;
          joined_at?: string;
          organization_id?: string;
          role?: Database["public"]["Enums"]["workspace_member_role"];
          team_id?: string | null;
          updated_at?: string;
          user_id?: string | null;
          workspace_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspace_members_agent_id_fkey";
            columns: ["agent_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "workspace_members_team_id_fkey";
            columns: ["team_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id", "organization_id"];
          },
          {
            foreignKeyName: "workspace_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspace_members_user_id_organization_id_fkey";
            columns: ["user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
          {
            foreignKeyName: "workspace_members_workspace_id_fkey";
            columns: ["workspace_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id", "organization_id"];
          },
        ];
      };
      workspaces: {
        Row: {
          created_at: string;
          description: string | null;
          id: string;
          is_personal: boolean;
          is_public: boolean;
          name: string;
          organization_id: string;
          owner_user_id: string | null;
          settings: NonNullable<Json>;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          description?: string | null;
          id?: string;
          is_personal?: boolean;
          is_public?: boolean;
          name: string;
          organization_id?: string;
          owner_user_id?: string | null;
          settings?: NonNullable<Json>;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          description?: string | null;
          id?: string;
          is_personal?: boolean;
          is_public?: boolean;
          name?: string;
          organization_id?: string;
          owner_user_id?: string | null;
          settings?: NonNullable<Json>;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspaces_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspaces_owner_user_id_fkey";
            columns: ["owner_user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspaces_owner_user_id_organization_id_fkey";
            columns: ["owner_user_id", "organization_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["user_id", "organization_id"];
          },
        ];
      };
    };
    Views: {
      organization_usage: {
        Row: {
          jobs_in_flight: number | null;
          jobs_in_flight_limit: number | null;
          model_cost_reserved_usd: number | null;
          model_cost_usd: number | null;
          monthly_model_cost_limit_usd: number | null;
          organization_id: string;
          requests_per_minute_limit: number | null;
          requests_this_minute: number | null;
          row_count: number | null;
          rows_limit: number | null;
          storage_bytes: number | null;
          storage_bytes_limit: number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "organization_quotas_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: true;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      accept_invitation: {
        Args: { p_invitation_id?: string; p_token?: string };
        Returns: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      accept_mcp_manifest: {
        Args: { p_connection_id: string; p_manifest_hash: string };
        Returns: {
          accepted_manifest_hash: string | null;
          agent_id: string;
          connection_name: string;
          created_at: string;
          created_by_user_id: string | null;
          failed_refreshes: number;
          id: string;
          is_active: boolean;
          last_error: string | null;
          manifest_changed_at: string | null;
          manifest_hash: string | null;
          next_refresh_at: string;
          organization_id: string;
          refresh_interval_minutes: number;
          refreshed_at: string | null;
          secret_id: string | null;
          server_info: Json | null;
          server_url: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_mcp_connections";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      agent_datastore_targets: { Args: { p_agent_id: string }; Returns: Json };
      agent_knowledge: {
        Args: { p_agent_id: string; p_filters?: Json; p_user_id?: string };
        Returns: {
          chunk_count: number;
          embedding_models: string[];
          media_ids: string[];
          organization_id: string;
        }[];
      };
      agent_mcp_tools: { Args: { p_agent_id: string }; Returns: Json };
      archive_media: {
        Args: { p_media_id: string };
        Returns: {
          archived_at: string | null;
          assigned_agents_count: number;
          bucket: string;
          category: string | null;
          checksum: string | null;
          chunk_count: number;
          created_at: string;
          description: string | null;
          display_name: string;
          duplicate_of_media_id: string | null;
          embedding_dimensions: number | null;
          embedding_model: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url: string | null;
          generation: number;
          id: string;
          is_archived: boolean;
          language: string | null;
          object_version: string | null;
          organization_id: string;
          page_count: number | null;
          processed_at: string | null;
          processing_error: string | null;
          processing_percent: number;
          processing_status: Database["public"]["Enums"]["processing_status"];
          status_before_archive: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags: string[];
          updated_at: string;
          upload_expires_at: string | null;
          uploaded_at: string | null;
          user_id: string | null;
          visibility: string;
        };
        SetofOptions: {
          from: "*";
          to: "media_library";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      assign_media_to_agent: {
        Args: {
          p_agent_id: string;
          p_assignment_type?: Database["public"]["Enums"]["assignment_type"];
          p_media_id: string;
        };
        Returns: {
          agent_id: string;
          assigned_by_user_id: string | null;
          assignment_type: Database["public"]["Enums"]["assignment_type"];
          created_at: string;
          id: string;
          media_id: string;
          organization_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_media_assignments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      authorize_mcp_tool_call: {
        Args: { p_connection_id: string; p_tool_name: string; p_user_id: string };
        Returns: Json;
      };
      authorize_tool_call: {
        Args: {
          p_agent_id: string;
          p_capability_key: string;
          p_connection_id: string;
          p_user_id?: string;
        };
        Returns: Json;
      };
      begin_audit_export: {
        Args: { p_filters?: Json; p_format: string; p_organization_id: string };
        Returns: string;
      };
      begin_model_call: {
        Args: {
          p_agent_id: string;
          p_channel_id?: string;
          p_max_tokens: number;
          p_model: string;
          p_organization_id: string;
          p_prompt_tokens_estimate: number;
          p_provider: string;
          p_run_step_id?: string;
          p_timeout_seconds?: number;
          p_user_id?: string;
        };
        Returns: string;
      };
      begin_tool_call: {
        Args: {
          p_agent_id: string;
          p_capability_key?: string;
          p_channel_id?: string;
          p_connection_id?: string;
          p_input: Json;
          p_mcp_connection_id?: string;
          p_refusal?: string;
          p_run_step_id?: string;
          p_tool_name: string;
          p_user_id?: string;
        };
        Returns: string;
      };
      can_manage_connection: { Args: { p_connection_id: string }; Returns: boolean };
      can_run_agent: { Args: { p_agent_id: string }; Returns: boolean };
      cancel_task_run: {
        Args: { p_run_id: string };
        Returns: {
          agent_id: string | null;
          completed_at: string | null;
          completed_step_count: number;
          completion_tokens: number;
          correlation_id: string | null;
          cost_usd: number;
          created_at: string;
          duration_ms: number | null;
          enqueued_at: string | null;
          error_message: string | null;
          event_name: string | null;
          id: string;
          organization_id: string;
          payload: NonNullable<Json>;
          prompt_tokens: number;
          requested_by_user_id: string | null;
          retry_of_run_id: string | null;
          scheduled_for: string | null;
          started_at: string | null;
          status: string;
          step_count: number;
          task_id: string;
          trigger: string;
          updated_at: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_task_runs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_transfer: {
        Args: { p_transfer_id: string };
        Returns: {
          archive_bytes: number | null;
          archive_path: string | null;
          archive_sha256: string | null;
          completed_at: string | null;
          created_at: string;
          current_table: string | null;
          error_message: string | null;
          expires_at: string | null;
          id: string;
          kind: string;
          name: string | null;
          organization_id: string | null;
          progress_percent: number;
          requested_by_user_id: string | null;
          result: Json | null;
          slug: string | null;
          started_at: string | null;
          status: string;
          tables: NonNullable<Json>;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_transfers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      check_permission: {
        Args: { p_organization_id: string; p_permission: string };
        Returns: boolean;
      };
      claim_jobs: {
        Args: { p_lease_seconds?: number; p_limit?: number; p_queue: string; p_worker?: string };
        Returns: {
          attempts: number;
          id: number;
          kind: string;
          lease_token: number;
          leased_until: string;
          max_attempts: number;
          organization_id: string;
          payload: Json;
        }[];
      };
      claim_token_refresh: {
        Args: {
          p_connection_id: string;
          p_lease_seconds?: number;
          p_seen_token_version?: number;
          p_was_rejected?: boolean;
        };
        Returns: Json;
      };
      complete_and_claim_job: {
        Args: {
          p_job_id: number;
          p_lease_seconds?: number;
          p_lease_token: number;
          p_queue: string;
          p_worker?: string;
        };
        Returns: {
          attempts: number;
          id: number;
          kind: string;
          lease_token: number;
          leased_until: string;
          max_attempts: number;
          organization_id: string;
          payload: Json;
        }[];
      };
      complete_audit_archive: {
        Args: {
          p_byte_count: number;
          p_job_id: number;
          p_lease_token: number;
          p_path: string;
          p_row_count: number;
          p_sha256: string;
          p_through_sequence: number;
        };
        Returns: number;
      };
      complete_datastore_sync: {
        Args: { p_job_id: number; p_lease_token: number };
        Returns: undefined;
      };
      complete_export: {
        Args: {
          p_archive_bytes: number;
          p_archive_path: string;
          p_archive_sha256: string;
          p_job_id: number;
          p_lease_token: number;
        };
        Returns: boolean;
      };
      complete_job: { Args: { p_job_id: number; p_lease_token: number }; Returns: undefined };
      complete_jobs: { Args: { p_job_ids: number[]; p_lease_tokens: number[] }; Returns: number[] };
      complete_task_run_step: {
        Args: {
          p_completion_tokens: number;
          p_cost_usd: number;
          p_job_id: number;
          p_lease_token: number;
          p_prompt_tokens: number;
          p_result: Json;
          p_run_step_id: string;
        };
        Returns: string;
      };
      complete_token_refresh: {
        Args: {
          p_access_token: string;
          p_connection_id: string;
          p_expires_in_seconds?: number;
          p_refresh_token?: string;
          p_scopes?: string[];
          p_token_version: number;
        };
        Returns: Json;
      };
      confirm_connection: { Args: { p_code: string; p_connection_id: string }; Returns: Json };
      confirm_media_upload: {
        Args: { p_media_id: string };
        Returns: {
          archived_at: string | null;
          assigned_agents_count: number;
          bucket: string;
          category: string | null;
          checksum: string | null;
          chunk_count: number;
          created_at: string;
          description: string | null;
          display_name: string;
          duplicate_of_media_id: string | null;
          embedding_dimensions: number | null;
          embedding_model: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url: string | null;
          generation: number;
          id: string;
          is_archived: boolean;
          language: string | null;
          object_version: string | null;
          organization_id: string;
          page_count: number | null;
          processed_at: string | null;
          processing_error: string | null;
          processing_percent: number;
          processing_status: Database["public"]["Enums"]["processing_status"];
          status_before_archive: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags: string[];
          updated_at: string;
          upload_expires_at: string | null;
          uploaded_at: string | null;
          user_id: string | null;
          visibility: string;
        };
        SetofOptions: {
          from: "*";
          to: "media_library";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      connection_credential: { Args: { p_connection_id: string }; Returns: Json };
      consume_oauth_state: { Args: { p_state_hash: string }; Returns: Json };
      consume_request: { Args: { p_organization_id: string }; Returns: undefined };
      create_media_upload: {
        Args: {
          p_allow_duplicate?: boolean;
          p_category?: string;
          p_checksum?: string;
          p_description?: string;
          p_display_name?: string;
          p_file_name: string;
          p_file_size: number;
          p_file_type: string;
          p_media_id?: string;
          p_organization_id?: string;
          p_tags?: string[];
          p_visibility?: string;
        };
        Returns: {
          archived_at: string | null;
          assigned_agents_count: number;
          bucket: string;
          category: string | null;
          checksum: string | null;
          chunk_count: number;
          created_at: string;
          description: string | null;
          display_name: string;
          duplicate_of_media_id: string | null;
          embedding_dimensions: number | null;
          embedding_model: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url: string | null;
          generation: number;
          id: string;
          is_archived: boolean;
          language: string | null;
          object_version: string | null;
          organization_id: string;
          page_count: number | null;
          processed_at: string | null;
          processing_error: string | null;
          processing_percent: number;
          processing_status: Database["public"]["Enums"]["processing_status"];
          status_before_archive: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags: string[];
          updated_at: string;
          upload_expires_at: string | null;
          uploaded_at: string | null;
          user_id: string | null;
          visibility: string;
        };
        SetofOptions: {
          from: "*";
          to: "media_library";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_oauth_state: {
        Args: {
          p_code_verifier: string;
          p_connection_id?: string;
          p_connection_name?: string;
          p_context?: Json;
          p_expires_in_seconds?: number;
          p_organization_id: string;
          p_redirect_to?: string;
          p_scopes?: string[];
          p_service_provider_id: string;
          p_state_hash: string;
          p_user_id: string;
          p_visibility?: string;
        };
        Returns: Json;
      };
      create_organization: {
        Args: { p_industry?: string; p_name: string; p_slug?: string };
        Returns: {
          color: string | null;
          created_at: string;
          created_by_user_id: string | null;
          deletion_due_at: string | null;
          deletion_requested_by_user_id: string | null;
          icon: string | null;
          id: string;
          industry: string | null;
          is_personal: boolean;
          name: string;
          owner_email: string | null;
          plan: string;
          settings: NonNullable<Json>;
          slug: string;
          specification: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organizations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_organization_secret: {
        Args: {
          p_description?: string;
          p_name: string;
          p_organization_id: string;
          p_value: string;
        };
        Returns: {
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          last_used_at: string | null;
          name: string;
          organization_id: string;
          rotated_at: string | null;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "organization_secrets";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_role: {
        Args: {
          p_description?: string;
          p_display_name: string;
          p_name: string;
          p_organization_id: string;
          p_permissions: string[];
        };
        Returns: {
          created_at: string;
          description: string | null;
          display_name: string;
          id: string;
          name: string;
          organization_id: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "roles";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_task_step: {
        Args: {
          p_include_previous_context?: boolean;
          p_instructions: string;
          p_step_name: string;
          p_step_order: number;
          p_task_id: string;
        };
        Returns: string;
      };
      create_team_connection: {
        Args: {
          p_color?: string;
          p_connection_type: string;
          p_created_by_user_id?: string;
          p_from_team_id: string;
          p_label?: string;
          p_style?: string;
          p_to_team_id: string;
        };
        Returns: {
          color: string | null;
          connection_type: Database["public"]["Enums"]["team_connection_type"];
          created_at: string;
          created_by_user_id: string | null;
          from_team_id: string;
          id: string;
          label: string | null;
          organization_id: string;
          style: string;
          to_team_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "team_connections";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_vault_secret: {
        Args: { p_description?: string; p_name?: string; p_secret: string };
        Returns: string;
      };
      datastore_sync_target: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      decline_invitation: {
        Args: { p_invitation_id?: string; p_token?: string };
        Returns: undefined;
      };
      delete_large_organization: {
        Args: { p_job_id: number; p_lease_token: number };
        Returns: undefined;
      };
      delete_large_user: { Args: { p_job_id: number; p_lease_token: number }; Returns: undefined };
      delete_organization: {
        Args: { p_confirm_name?: string; p_organization_id: string };
        Returns: Json;
      };
      delete_organization_secret: { Args: { p_secret_id: string }; Returns: undefined };
      delete_role: {
        Args: { p_replacement_role_id?: string; p_role_id: string };
        Returns: undefined;
      };
      delete_task_step: { Args: { p_step_id: string }; Returns: undefined };
      delete_user_account: { Args: { p_confirm_email?: string }; Returns: Json };
      delete_vault_secret: { Args: { p_vault_id: string }; Returns: boolean };
      disconnect_service: { Args: { p_connection_id: string }; Returns: Json };
      emit_event: {
        Args: { p_name: string; p_organization_id?: string; p_payload?: Json };
        Returns: number;
      };
      enqueue_job: {
        Args: {
          p_dedupe_key?: string;
          p_kind: string;
          p_max_attempts?: number;
          p_organization_id?: string;
          p_payload?: Json;
          p_priority?: number;
          p_queue: string;
          p_run_at?: string;
        };
        Returns: number;
      };
      enqueue_jobs: {
        Args: {
          p_dedupe_keys?: string[];
          p_kind: string;
          p_max_attempts?: number;
          p_organization_ids?: string[];
          p_payloads: Json[];
          p_priority?: number;
          p_queue: string;
          p_run_at?: string;
        };
        Returns: number;
      };
      export_organization: {
        Args: { p_organization_id: string };
        Returns: {
          archive_bytes: number | null;
          archive_path: string | null;
          archive_sha256: string | null;
          completed_at: string | null;
          created_at: string;
          current_table: string | null;
          error_message: string | null;
          expires_at: string | null;
          id: string;
          kind: string;
          name: string | null;
          organization_id: string | null;
          progress_percent: number;
          requested_by_user_id: string | null;
          result: Json | null;
          slug: string | null;
          started_at: string | null;
          status: string;
          tables: NonNullable<Json>;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_transfers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      export_personal_data: {
        Args: Record<PropertyKey, never>;
        Returns: {
          archive_bytes: number | null;
          archive_path: string | null;
          archive_sha256: string | null;
          completed_at: string | null;
          created_at: string;
          current_table: string | null;
          error_message: string | null;
          expires_at: string | null;
          id: string;
          progress_percent: number;
          started_at: string | null;
          status: string;
          tables: NonNullable<Json>;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "personal_data_exports";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      extend_job: {
        Args: { p_job_id: number; p_lease_seconds: number; p_lease_token: number };
        Returns: string;
      };
      fail_datastore_sync: {
        Args: {
          p_error: string;
          p_job_id: number;
          p_lease_token: number;
          p_retry_after_seconds?: number;
        };
        Returns: string;
      };
      fail_job: {
        Args: {
          p_error: string;
          p_job_id: number;
          p_lease_token: number;
          p_permanent?: boolean;
          p_retry_after_seconds?: number;
        };
        Returns: string;
      };
      fail_mcp_refresh: {
        Args: { p_connection_id: string; p_error: string; p_server_url: string };
        Returns: undefined;
      };
      fail_media_processing: {
        Args: {
          p_code?: string;
          p_error: string;
          p_job_id: number;
          p_lease_token: number;
          p_step: string;
        };
        Returns: undefined;
      };
      fail_task_run_step: {
        Args: {
          p_error: string;
          p_job_id: number;
          p_lease_token: number;
          p_retry_after_seconds?: number;
          p_retryable: boolean;
          p_run_step_id: string;
        };
        Returns: string;
      };
      fail_token_refresh: {
        Args: {
          p_connection_id: string;
          p_error: string;
          p_is_permanent?: boolean;
          p_lease_token: string;
          p_retry_after_seconds?: number;
          p_token_version: number;
        };
        Returns: Json;
      };
      fail_transfer: {
        Args: { p_error: string; p_job_id: number; p_lease_token: number };
        Returns: undefined;
      };
      finish_model_call: {
        Args: {
          p_completion_tokens: number;
          p_error?: string;
          p_id: string;
          p_latency_ms: number;
          p_prompt_tokens: number;
          p_retry_count: number;
          p_status: string;
        };
        Returns: {
          agent_id: string | null;
          channel_id: string | null;
          completed_at: string | null;
          completion_tokens: number;
          correlation_id: string | null;
          cost_usd: number;
          created_at: string;
          error_message: string | null;
          id: string;
          input_usd_per_million_tokens: number | null;
          is_abandoned: boolean;
          latency_ms: number | null;
          max_tokens: number;
          model: string;
          note: string | null;
          organization_id: string;
          output_usd_per_million_tokens: number | null;
          prompt_tokens: number;
          prompt_tokens_estimate: number;
          provider: string;
          reserved_cost_usd: number;
          retry_count: number;
          run_step_id: string | null;
          started_at: string;
          status: string;
          timeout_seconds: number;
          total_tokens: number;
          updated_at: string;
          usage_month: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "ai_agent_tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      finish_tool_call: {
        Args: { p_error?: string; p_id: string; p_output?: Json; p_status: string };
        Returns: undefined;
      };
      forget_lost_consent: { Args: { p_consent_id: string }; Returns: boolean };
      forget_me: { Args: { p_agent_id?: string }; Returns: number };
      get_agent_integration_permissions: {
        Args: { p_agent_id: string };
        Returns: {
          agent_id: string;
          allowed_scopes: Json;
          connection_id: string;
          connection_name: string;
          connection_status: string;
          expires_at: string;
          granted_at: string;
          granted_by_user_id: string;
          is_active: boolean;
          permission_id: string;
          permission_level: string;
          provider_display_name: string;
          provider_name: string;
        }[];
      };
      get_model_provider: { Args: { p_organization_id: string }; Returns: Json };
      grant_agent_integration_permission: {
        Args: {
          p_agent_id: string;
          p_allowed_scopes: string[];
          p_connection_id: string;
          p_expires_at?: string;
          p_permission_level: string;
        };
        Returns: {
          agent_id: string;
          allowed_scopes: NonNullable<Json>;
          connection_id: string;
          created_at: string;
          expires_at: string | null;
          granted_by_user_id: string | null;
          id: string;
          is_active: boolean;
          organization_id: string;
          permission_level: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_integration_permissions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      import_organization: {
        Args: { p_archive_path: string; p_name?: string; p_slug?: string };
        Returns: {
          archive_bytes: number | null;
          archive_path: string | null;
          archive_sha256: string | null;
          completed_at: string | null;
          created_at: string;
          current_table: string | null;
          error_message: string | null;
          expires_at: string | null;
          id: string;
          kind: string;
          name: string | null;
          organization_id: string | null;
          progress_percent: number;
          requested_by_user_id: string | null;
          result: Json | null;
          slug: string | null;
          started_at: string | null;
          status: string;
          tables: NonNullable<Json>;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_transfers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      invite_member: {
        Args: {
          p_email: string;
          p_expires_in_days?: number;
          p_organization_id: string;
          p_role_id: string;
        };
        Returns: Json;
      };
      is_audit_archive_orphaned: { Args: { p_path: string }; Returns: boolean };
      leave_organization: { Args: { p_organization_id: string }; Returns: undefined };
      list_agent_capabilities: {
        Args: { p_agent_id: string; p_user_id?: string };
        Returns: {
          capability_key: string;
          connection_id: string;
          connection_name: string;
          description: string;
          display_label: string;
          effect: string;
          input_schema: Json;
          provider_display_name: string;
          provider_name: string;
        }[];
      };
      load_import: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      log_media_step: {
        Args: {
          p_details?: Json;
          p_duration_ms?: number;
          p_job_id: number;
          p_lease_token: number;
          p_status: Database["public"]["Enums"]["processing_log_status"];
          p_step: string;
        };
        Returns: undefined;
      };
      lost_consent_credential: { Args: { p_consent_id: string }; Returns: Json };
      mcp_connection_target: { Args: { p_connection_id: string }; Returns: Json };
      model_provider_settings: { Args: { p_organization_id: string }; Returns: Json };
      my_invitations: {
        Args: Record<PropertyKey, never>;
        Returns: {
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by_name: string;
          organization_id: string;
          organization_name: string;
          role_id: string;
          role_name: string;
        }[];
      };
      my_permissions: { Args: { p_organization_id?: string }; Returns: string[] };
      next_cron_occurrence: {
        Args: { p_after?: string; p_expression: string; p_timezone: string };
        Returns: string;
      };
      next_datastore_batch: {
        Args: { p_job_id: number; p_lease_token: number; p_limit?: number };
        Returns: Json;
      };
      open_agent_conversation: {
        Args: { p_agent_id: string };
        Returns: {
          agent_id: string | null;
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          is_public: boolean;
          name: string;
          organization_id: string;
          updated_at: string;
          workspace_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "chat_channels";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      organization_database_info: { Args: { p_organization_id: string }; Returns: Json };
      organization_model_usage: {
        Args: { p_organization_id: string };
        Returns: {
          call_count: number;
          completion_tokens: number;
          limit_usd: number;
          month: string;
          prompt_tokens: number;
          reserved_usd: number;
          spent_usd: number;
        }[];
      };
      organization_usage_by_day: {
        Args: { p_from?: string; p_organization_id: string; p_to?: string };
        Returns: {
          day: string;
          model_call_count: number;
          model_cost_usd: number;
          peak_jobs_in_flight: number;
          request_count: number;
          row_count: number;
          storage_bytes: number;
        }[];
      };
      pause_task: {
        Args: { p_task_id: string };
        Returns: {
          agent_id: string;
          created_at: string;
          cron_expression: string | null;
          description: string | null;
          end_date: string | null;
          event_name: string | null;
          id: string;
          instructions: string | null;
          is_multi_step: boolean;
          last_error: string | null;
          last_run_at: string | null;
          max_executions: number | null;
          misfire_policy: string;
          name: string;
          next_run_at: string | null;
          organization_id: string;
          overlap_policy: string;
          skipped_executions: number;
          start_date: string | null;
          status: Database["public"]["Enums"]["task_status"];
          step_count: number;
          target_conversation_id: string | null;
          task_type: Database["public"]["Enums"]["task_type"];
          timezone: string;
          total_executions: number;
          updated_at: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      post_agent_message: {
        Args: {
          p_agent_id: string;
          p_channel_id: string;
          p_content: string;
          p_message_type?: string;
          p_metadata?: Json;
        };
        Returns: {
          agent_id: string | null;
          channel_id: string;
          content: string;
          created_at: string;
          id: string;
          message_type: Database["public"]["Enums"]["message_type"];
          metadata: NonNullable<Json>;
          organization_id: string;
          updated_at: string;
          user_id: string | null;
          workspace_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "chat_messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      publish_media_embeddings: {
        Args: { p_job_id: number; p_lease_token: number };
        Returns: boolean;
      };
      publish_media_generation: {
        Args: {
          p_checksum?: string;
          p_job_id: number;
          p_language?: string;
          p_lease_token: number;
          p_page_count?: number;
        };
        Returns: undefined;
      };
      reactivate_member: {
        Args: { p_organization_id: string; p_user_id: string };
        Returns: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      read_audit_archive_page: {
        Args: {
          p_after_row_id?: number;
          p_after_sequence?: number;
          p_job_id: number;
          p_lease_token: number;
        };
        Returns: Json;
      };
      read_media_chunks: {
        Args: { p_job_id: number; p_lease_token: number; p_limit?: number };
        Returns: Json;
      };
      read_transfer_lines: {
        Args: { p_chunk: number; p_job_id: number; p_lease_token: number; p_table: string };
        Returns: string;
      };
      read_transfer_values: {
        Args: { p_chunk: number; p_job_id: number; p_lease_token: number; p_table: string };
        Returns: Json;
      };
      recall_memories: {
        Args: {
          p_agent_id: string;
          p_channel_id?: string;
          p_is_shared?: boolean;
          p_limit?: number;
          p_query: string;
          p_user_id?: string;
        };
        Returns: {
          about: string;
          confidence: number;
          content: string;
          known_since: string;
          memory_id: string;
        }[];
      };
      record_permission_denied: {
        Args: {
          p_error?: string;
          p_function?: string;
          p_organization_id?: string;
          p_permission?: string;
          p_user_id: string;
        };
        Returns: boolean;
      };
      register_embedding_model: {
        Args: { p_dimensions?: number; p_name: string };
        Returns: boolean;
      };
      release_job: { Args: { p_job_id: number; p_lease_token: number }; Returns: undefined };
      remember_fact: {
        Args: {
          p_about?: string;
          p_agent_id: string;
          p_channel_id?: string;
          p_confidence?: number;
          p_content: string;
          p_expires_at?: string;
          p_source_message_id?: string;
          p_user_id?: string;
        };
        Returns: {
          agent_id: string;
          confidence: number;
          content: string;
          created_at: string;
          expires_at: string | null;
          fts: unknown;
          id: string;
          last_recalled_at: string | null;
          organization_id: string;
          source_message_id: string | null;
          updated_at: string;
          user_id: string | null;
          workspace_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_memories";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      remove_member: { Args: { p_organization_id: string; p_user_id: string }; Returns: undefined };
      remove_model_provider: { Args: { p_organization_id: string }; Returns: boolean };
      rename_connection: {
        Args: { p_connection_id: string; p_connection_name: string };
        Returns: Json;
      };
      reorder_task_steps: {
        Args: { p_step_ids: string[]; p_task_id: string };
        Returns: {
          created_at: string;
          error_message: string | null;
          execution_completed_at: string | null;
          execution_duration_ms: number | null;
          execution_result: Json | null;
          execution_started_at: string | null;
          id: string;
          include_previous_context: boolean;
          instructions: string;
          organization_id: string;
          retry_count: number;
          status: Database["public"]["Enums"]["task_step_status"];
          step_name: string;
          step_order: number;
          task_id: string;
          updated_at: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "task_steps";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      replay_dead_job: { Args: { p_dead_job_id: number }; Returns: number };
      report_transfer_progress: {
        Args: {
          p_current_table?: string;
          p_job_id: number;
          p_lease_token: number;
          p_progress_percent: number;
        };
        Returns: undefined;
      };
      reprocess_media: {
        Args: { p_media_id: string };
        Returns: {
          archived_at: string | null;
          assigned_agents_count: number;
          bucket: string;
          category: string | null;
          checksum: string | null;
          chunk_count: number;
          created_at: string;
          description: string | null;
          display_name: string;
          duplicate_of_media_id: string | null;
          embedding_dimensions: number | null;
          embedding_model: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url: string | null;
          generation: number;
          id: string;
          is_archived: boolean;
          language: string | null;
          object_version: string | null;
          organization_id: string;
          page_count: number | null;
          processed_at: string | null;
          processing_error: string | null;
          processing_percent: number;
          processing_status: Database["public"]["Enums"]["processing_status"];
          status_before_archive: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags: string[];
          updated_at: string;
          upload_expires_at: string | null;
          uploaded_at: string | null;
          user_id: string | null;
          visibility: string;
        };
        SetofOptions: {
          from: "*";
          to: "media_library";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      request_mcp_refresh: {
        Args: { p_connection_id: string };
        Returns: {
          accepted_manifest_hash: string | null;
          agent_id: string;
          connection_name: string;
          created_at: string;
          created_by_user_id: string | null;
          failed_refreshes: number;
          id: string;
          is_active: boolean;
          last_error: string | null;
          manifest_changed_at: string | null;
          manifest_hash: string | null;
          next_refresh_at: string;
          organization_id: string;
          refresh_interval_minutes: number;
          refreshed_at: string | null;
          secret_id: string | null;
          server_info: Json | null;
          server_url: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_mcp_connections";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      require_storage_room: {
        Args: { p_bytes: number; p_organization_id: string };
        Returns: undefined;
      };
      resend_invitation: { Args: { p_invitation_id: string }; Returns: Json };
      resolve_organization_secrets: {
        Args: { p_organization_id: string; p_references: string[] };
        Returns: Json;
      };
      restore_media: {
        Args: { p_media_id: string };
        Returns: {
          archived_at: string | null;
          assigned_agents_count: number;
          bucket: string;
          category: string | null;
          checksum: string | null;
          chunk_count: number;
          created_at: string;
          description: string | null;
          display_name: string;
          duplicate_of_media_id: string | null;
          embedding_dimensions: number | null;
          embedding_model: string | null;
          file_name: string;
          file_size: number;
          file_type: string;
          file_url: string | null;
          generation: number;
          id: string;
          is_archived: boolean;
          language: string | null;
          object_version: string | null;
          organization_id: string;
          page_count: number | null;
          processed_at: string | null;
          processing_error: string | null;
          processing_percent: number;
          processing_status: Database["public"]["Enums"]["processing_status"];
          status_before_archive: Database["public"]["Enums"]["processing_status"] | null;
          storage_path: string;
          tags: string[];
          updated_at: string;
          upload_expires_at: string | null;
          uploaded_at: string | null;
          user_id: string | null;
          visibility: string;
        };
        SetofOptions: {
          from: "*";
          to: "media_library";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      restore_organization: {
        Args: { p_organization_id: string };
        Returns: {
          color: string | null;
          created_at: string;
          created_by_user_id: string | null;
          deletion_due_at: string | null;
          deletion_requested_by_user_id: string | null;
          icon: string | null;
          id: string;
          industry: string | null;
          is_personal: boolean;
          name: string;
          owner_email: string | null;
          plan: string;
          settings: NonNullable<Json>;
          slug: string;
          specification: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organizations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      restore_user_account: {
        Args: Record<PropertyKey, never>;
        Returns: {
          created_at: string;
          current_organization_id: string | null;
          deletion_due_at: string | null;
          notification_settings: NonNullable<Json>;
          theme: string;
          timezone: string;
          ui_preferences: NonNullable<Json>;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "user_preferences";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      resume_task: {
        Args: { p_task_id: string };
        Returns: {
          agent_id: string;
          created_at: string;
          cron_expression: string | null;
          description: string | null;
          end_date: string | null;
          event_name: string | null;
          id: string;
          instructions: string | null;
          is_multi_step: boolean;
          last_error: string | null;
          last_run_at: string | null;
          max_executions: number | null;
          misfire_policy: string;
          name: string;
          next_run_at: string | null;
          organization_id: string;
          overlap_policy: string;
          skipped_executions: number;
          start_date: string | null;
          status: Database["public"]["Enums"]["task_status"];
          step_count: number;
          target_conversation_id: string | null;
          task_type: Database["public"]["Enums"]["task_type"];
          timezone: string;
          total_executions: number;
          updated_at: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      retry_task_run: {
        Args: { p_run_id: string };
        Returns: {
          agent_id: string | null;
          completed_at: string | null;
          completed_step_count: number;
          completion_tokens: number;
          correlation_id: string | null;
          cost_usd: number;
          created_at: string;
          duration_ms: number | null;
          enqueued_at: string | null;
          error_message: string | null;
          event_name: string | null;
          id: string;
          organization_id: string;
          payload: NonNullable<Json>;
          prompt_tokens: number;
          requested_by_user_id: string | null;
          retry_of_run_id: string | null;
          scheduled_for: string | null;
          started_at: string | null;
          status: string;
          step_count: number;
          task_id: string;
          trigger: string;
          updated_at: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_task_runs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revocation_credential: { Args: { p_connection_id: string }; Returns: Json };
      revoke_agent_integration_permission: {
        Args: { p_permission_id: string };
        Returns: {
          agent_id: string;
          allowed_scopes: NonNullable<Json>;
          connection_id: string;
          created_at: string;
          expires_at: string | null;
          granted_by_user_id: string | null;
          id: string;
          is_active: boolean;
          organization_id: string;
          permission_level: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_integration_permissions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_invitation: {
        Args: { p_invitation_id: string };
        Returns: {
          accepted_by_user_id: string | null;
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by_user_id: string | null;
          organization_id: string;
          responded_at: string | null;
          role_id: string;
          sent_at: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_invitations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      rotate_organization_secret: {
        Args: { p_secret_id: string; p_value: string };
        Returns: {
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          last_used_at: string | null;
          name: string;
          organization_id: string;
          rotated_at: string | null;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "organization_secrets";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      run_task_now: {
        Args: { p_task_id: string };
        Returns: {
          agent_id: string | null;
          completed_at: string | null;
          completed_step_count: number;
          completion_tokens: number;
          correlation_id: string | null;
          cost_usd: number;
          created_at: string;
          duration_ms: number | null;
          enqueued_at: string | null;
          error_message: string | null;
          event_name: string | null;
          id: string;
          organization_id: string;
          payload: NonNullable<Json>;
          prompt_tokens: number;
          requested_by_user_id: string | null;
          retry_of_run_id: string | null;
          scheduled_for: string | null;
          started_at: string | null;
          status: string;
          step_count: number;
          task_id: string;
          trigger: string;
          updated_at: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_task_runs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      save_datastore_batch: {
        Args: {
          p_job_id: number;
          p_lease_token: number;
          p_removed?: string[];
          p_stored?: Json;
          p_unsent?: string[];
        };
        Returns: undefined;
      };
      save_key_connection: {
        Args: {
          p_account_id?: string;
          p_account_name?: string;
          p_connection_id?: string;
          p_connection_name?: string;
          p_credential: Json;
          p_metadata?: Json;
          p_organization_id: string;
          p_service_provider_id: string;
          p_user_id: string;
          p_visibility?: string;
        };
        Returns: Json;
      };
      save_mcp_manifest: {
        Args: {
          p_connection_id: string;
          p_note?: string;
          p_server_info?: Json;
          p_server_url: string;
          p_tools: Json;
        };
        Returns: {
          accepted_manifest_hash: string | null;
          agent_id: string;
          connection_name: string;
          created_at: string;
          created_by_user_id: string | null;
          failed_refreshes: number;
          id: string;
          is_active: boolean;
          last_error: string | null;
          manifest_changed_at: string | null;
          manifest_hash: string | null;
          next_refresh_at: string;
          organization_id: string;
          refresh_interval_minutes: number;
          refreshed_at: string | null;
          secret_id: string | null;
          server_info: Json | null;
          server_url: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_mcp_connections";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      save_media_chunks: {
        Args: {
          p_checkpoint: Json;
          p_chunks: Json;
          p_from_index: number;
          p_job_id: number;
          p_lease_token: number;
          p_percent: number;
        };
        Returns: undefined;
      };
      save_media_embeddings: {
        Args: {
          p_embeddings: Json;
          p_job_id: number;
          p_lease_token: number;
          p_model: string;
          p_percent: number;
        };
        Returns: number;
      };
      save_oauth_connection: {
        Args: {
          p_access_token: string;
          p_account_id?: string;
          p_account_name?: string;
          p_confirmation_hash?: string;
          p_connection_id?: string;
          p_connection_name?: string;
          p_expires_in_seconds?: number;
          p_metadata?: Json;
          p_organization_id: string;
          p_refresh_token?: string;
          p_scopes?: string[];
          p_service_provider_id: string;
          p_user_id: string;
          p_visibility?: string;
        };
        Returns: Json;
      };
      save_team_canvas_layout: {
        Args: {
          p_connections?: Json;
          p_expected_version?: number;
          p_positions?: Json;
          p_user_id?: string;
          p_view_settings?: Json;
          p_workspace_id?: string;
        };
        Returns: {
          connections: NonNullable<Json>;
          created_at: string;
          id: string;
          organization_id: string;
          positions: NonNullable<Json>;
          updated_at: string;
          user_id: string;
          version: number;
          view_settings: NonNullable<Json>;
          workspace_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "team_canvas_layouts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      search_audit_logs: {
        Args: {
          p_action?: string;
          p_actor_id?: string;
          p_actor_type?: string;
          p_correlation_id?: string;
          p_cursor?: string;
          p_from?: string;
          p_limit?: number;
          p_organization_id: string;
          p_query?: string;
          p_resource_id?: string;
          p_resource_type?: string;
          p_severity?: string;
          p_to?: string;
        };
        Returns: {
          action: string;
          actor_id: string;
          actor_type: string;
          correlation_id: string;
          created_at: string;
          cursor: string;
          id: number;
          ip_address: unknown;
          new_values: Json;
          old_values: Json;
          organization_id: string;
          resource_id: string;
          resource_type: string;
          severity: string;
          user_agent: string;
        }[];
      };
      search_knowledge: {
        Args: {
          p_agent_id: string;
          p_candidates?: Json;
          p_embedding?: number[];
          p_embedding_model?: string;
          p_filters?: Json;
          p_limit?: number;
          p_query: string;
          p_user_id?: string;
        };
        Returns: {
          char_end: number;
          char_start: number;
          chunk_id: string;
          citation: Json;
          content: string;
          display_name: string;
          file_name: string;
          heading_path: string[];
          highlight: string;
          matched_by: string[];
          media_id: string;
          page: number;
          page_end: number;
          score: number;
        }[];
      };
      set_connection_visibility: {
        Args: { p_connection_id: string; p_visibility: string };
        Returns: Json;
      };
      set_member_permissions: {
        Args: { p_deny: string[]; p_grant: string[]; p_organization_id: string; p_user_id: string };
        Returns: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_member_role: {
        Args: { p_organization_id: string; p_role_id: string; p_user_id: string };
        Returns: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_model_provider: {
        Args: {
          p_api_key: string;
          p_base_url?: string;
          p_model: string;
          p_organization_id: string;
          p_provider: string;
        };
        Returns: Json;
      };
      set_role_permissions: {
        Args: { p_permissions: string[]; p_role_id: string };
        Returns: string[];
      };
      snapshot_transfer: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      stage_import: {
        Args: { p_job_id: number; p_lease_token: number; p_manifest: Json };
        Returns: Json;
      };
      stage_import_lines: {
        Args: { p_job_id: number; p_lease_token: number; p_lines: string; p_table: string };
        Returns: number;
      };
      start_audit_archive: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      start_media_processing: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      start_task_run: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      start_task_run_step: {
        Args: { p_job_id: number; p_lease_token: number; p_run_step_id: string };
        Returns: undefined;
      };
      start_transfer: { Args: { p_job_id: number; p_lease_token: number }; Returns: Json };
      stored_object_names: {
        Args: { p_bucket: string; p_limit?: number; p_prefix: string };
        Returns: string[];
      };
      suspend_member: {
        Args: { p_organization_id: string; p_user_id: string };
        Returns: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      switch_organization: {
        Args: { p_organization_id: string };
        Returns: {
          color: string | null;
          created_at: string;
          created_by_user_id: string | null;
          deletion_due_at: string | null;
          deletion_requested_by_user_id: string | null;
          icon: string | null;
          id: string;
          industry: string | null;
          is_personal: boolean;
          name: string;
          owner_email: string | null;
          plan: string;
          settings: NonNullable<Json>;
          slug: string;
          specification: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organizations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      sync_datastore: {
        Args: { p_datastore_id: string; p_is_anew?: boolean };
        Returns: {
          config: NonNullable<Json>;
          created_at: string;
          created_by_user_id: string | null;
          id: string;
          is_active: boolean;
          last_error: string | null;
          last_synced_at: string | null;
          name: string;
          organization_id: string;
          place: string | null;
          status: string;
          type: Database["public"]["Enums"]["datastore_type"];
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "datastores";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      take_over_task: {
        Args: { p_task_id: string };
        Returns: {
          agent_id: string;
          created_at: string;
          cron_expression: string | null;
          description: string | null;
          end_date: string | null;
          event_name: string | null;
          id: string;
          instructions: string | null;
          is_multi_step: boolean;
          last_error: string | null;
          last_run_at: string | null;
          max_executions: number | null;
          misfire_policy: string;
          name: string;
          next_run_at: string | null;
          organization_id: string;
          overlap_policy: string;
          skipped_executions: number;
          start_date: string | null;
          status: Database["public"]["Enums"]["task_status"];
          step_count: number;
          target_conversation_id: string | null;
          task_type: Database["public"]["Enums"]["task_type"];
          timezone: string;
          total_executions: number;
          updated_at: string;
          user_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      tick: { Args: Record<PropertyKey, never>; Returns: Json };
      transfer_ownership: {
        Args: { p_organization_id: string; p_user_id: string };
        Returns: {
          created_at: string;
          custom_permissions: NonNullable<Json>;
          id: string;
          invited_by_user_id: string | null;
          joined_at: string | null;
          organization_id: string;
          permissions: string[];
          role_id: string;
          status: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "organization_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      unassign_media_from_agent: {
        Args: { p_agent_id: string; p_media_id: string };
        Returns: boolean;
      };
      update_organization: {
        Args: {
          p_color?: string;
          p_icon?: string;
          p_industry?: string;
          p_name?: string;
          p_organization_id: string;
          p_owner_email?: string;
          p_settings?: Json;
          p_slug?: string;
          p_specification?: string;
        };
        Returns: {
          color: string | null;
          created_at: string;
          created_by_user_id: string | null;
          deletion_due_at: string | null;
          deletion_requested_by_user_id: string | null;
          icon: string | null;
          id: string;
          industry: string | null;
          is_personal: boolean;
          name: string;
          owner_email: string | null;
          plan: string;
          settings: NonNullable<Json>;
          slug: string;
          specification: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "organizations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_organization_secret: {
        Args: { p_description?: string; p_name?: string; p_secret_id: string };
        Returns: {
          created_at: string;
          created_by_user_id: string | null;
          description: string | null;
          id: string;
          last_used_at: string | null;
          name: string;
          organization_id: string;
          rotated_at: string | null;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "organization_secrets";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_task_step: {
        Args: {
          p_include_previous_context?: boolean;
          p_instructions?: string;
          p_step_id: string;
          p_step_name?: string;
        };
        Returns: {
          created_at: string;
          error_message: string | null;
          execution_completed_at: string | null;
          execution_duration_ms: number | null;
          execution_result: Json | null;
          execution_started_at: string | null;
          id: string;
          include_previous_context: boolean;
          instructions: string;
          organization_id: string;
          retry_count: number;
          status: Database["public"]["Enums"]["task_step_status"];
          step_name: string;
          step_order: number;
          task_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "task_steps";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_vault_secret: { Args: { p_secret: string; p_vault_id: string }; Returns: undefined };
      vault_decrypt: { Args: { vault_id: string }; Returns: string };
      verify_audit_chain: {
        Args: { p_organization_id: string };
        Returns: {
          archived_row_count: number;
          broken_row_id: number;
          broken_sequence: number;
          head_hash: string;
          head_sequence: number;
          is_valid: boolean;
          reason: string;
          seal_count: number;
          sealed_row_count: number;
          unsealed_row_count: number;
        }[];
      };
      workspace_agents: {
        Args: { p_workspace_id: string };
        Returns: {
          agent_id: string;
          is_direct: boolean;
          name: string;
          team_ids: string[];
        }[];
      };
    };
    Enums: {
      agent_visibility: "private" | "workspace" | "organization";
      assignment_type: "training" | "reference" | "context" | "sop" | "knowledge_base";
      credential_type: "oauth" | "api_key" | "smtp";
      datastore_type: "pinecone" | "getzep" | "postgres";
      message_type: "text" | "file" | "tool" | "system" | "event";
      processing_log_status: "started" | "completed" | "failed" | "skipped";
      processing_status: "uploaded" | "processing" | "completed" | "failed" | "archived";
      provider_type: "oauth" | "api_key" | "smtp" | "internal";
      task_status: "active" | "paused" | "completed" | "failed" | "cancelled";
      task_step_status: "pending" | "running" | "completed" | "failed" | "skipped";
      task_type: "scheduled" | "event_based";
      team_connection_type: "reports_to" | "collaborates_with" | "supports" | "custom";
      workspace_member_role: "owner" | "admin" | "member" | "guest";
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  agent_data: {
    Enums: {},
  },
  public: {
    Enums: {
      agent_visibility: ["private", "workspace", "organization"],
      assignment_type: ["training", "reference", "context", "sop", "knowledge_base"],
      credential_type: ["oauth", "api_key", "smtp"],
      datastore_type: ["pinecone", "getzep", "postgres"],
      message_type: ["text", "file", "tool", "system", "event"],
      processing_log_status: ["started", "completed", "failed", "skipped"],
      processing_status: ["uploaded", "processing", "completed", "failed", "archived"],
      provider_type: ["oauth", "api_key", "smtp", "internal"],
      task_status: ["active", "paused", "completed", "failed", "cancelled"],
      task_step_status: ["pending", "running", "completed", "failed", "skipped"],
      task_type: ["scheduled", "event_based"],
      team_connection_type: ["reports_to", "collaborates_with", "supports", "custom"],
      workspace_member_role: ["owner", "admin", "member", "guest"],
    },
  },
} as const;
